// Answering before seeing: one control for each kind of prediction, and whether an answer is right.
// Answers are texts, so that they fit into a link: the number of an option, ids joined by dots, a number, a word.

const parted = (text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// Whether `given` is right for a question.
function isRight(predict, given) {
  if (predict.kind === "choose") return predict.options[Number(given)]?.[0] === predict.answer;
  if (predict.kind === "bar") return Math.abs(Number(given) - predict.answer) <= predict.within + 1e-9;
  if (predict.kind === "word") return parted(given).join(predict.apart ? "|" : "") === parted(predict.answer).join(predict.apart ? "|" : "");
  const chosen = given.split(".");
  if (predict.kind === "order") return chosen.map((i) => predict.items[Number(i)]?.[0]).join() === predict.answer.join();
  return chosen.length === predict.answer.length && predict.answer.every((id) => chosen.includes(id));
}

// Whether a text from a link can be an answer to a question.
function isAnswer(predict, given) {
  const places = given.split(".");
  if (predict.kind === "choose") return predict.options[Number(given)] !== undefined;
  if (predict.kind === "bar") return given !== "" && Number.isFinite(Number(given));
  if (predict.kind === "order") return [...places].sort().join() === [...predict.items.keys()].map(String).sort().join();
  return given !== "";
}

// What was right, in words; "" where the figure says it.
function truthOf(predict) {
  if (predict.kind === "choose") return predict.options.find(([value]) => value === predict.answer)[1];
  if (predict.kind === "bar") return `${rounded(predict.answer, predict)} ${unitOf(predict.answer, predict)}`.trim();
  if (predict.kind === "word") return predict.answer.replaceAll("|", " | ");
  if (predict.kind === "order") return predict.answer.map((name) => predict.items.find(([each]) => each === name)[1]).join(" > ");
  return "";
}

// A unit, singular for one.
const unitOf = (value, {unit}) => (Number(value) === 1 && unit.length > 3 ? unit.replace(/s$/, "") : unit);
const rounded = (value, {step}) => value.toFixed(step >= 1 ? 0 : Math.min(4, Math.ceil(-Math.log10(step)))).replace("-", "−");

// Draws the control of a question. `given`: the answer, null before. `picked`: what is picked in the figure, a Set.
// `commit(answer)` is called once. Returns {element, update()}; update follows the picks.
function drawPrediction(predict, given, picked, commit) {
  const check = make("button", {type: "button", className: "check", textContent: "Check"});
  const done = given !== null;
  check.hidden = done;
  const controls = {choose: chooseOne, bar: dragBar, word: typeWord, order: putInOrder, pick: pickSome};
  const {inside, answer, update = () => {}} = controls[predict.kind](predict, given, picked, commit, check);
  check.addEventListener("click", () => { if (!check.disabled) commit(answer()); });
  const element = make("div", {className: "prediction"}, ...inside, ...(answer ? [check] : []));
  return {element, update};
}

function chooseOne(predict, given, picked, commit) {
  const buttons = predict.options.map(([value, text], i) => {
    const made = make("button", {type: "button", className: "option", disabled: given !== null}, make("kbd", {textContent: i + 1}), span(text));
    if (given !== null) {
      made.classList.toggle("truth", value === predict.answer);
      made.classList.toggle("given", i === Number(given));
    }
    made.addEventListener("click", () => commit(String(i)));
    return made;
  });
  return {inside: [make("div", {className: "options", role: "group", "aria-label": "Answers"}, ...buttons)]};
}

function dragBar(predict, given, picked, commit, check) {
  const {least, most, step, unit} = predict;
  const start = given === null ? least + Math.round((most - least) / 2 / step) * step : Number(given);
  const field = make("input", {type: "range", min: least, max: most, step, value: start, disabled: given !== null, "aria-label": `Your prediction, ${unit}`});
  const fill = make("i", {className: "mine"});
  const says = make("output", {});
  const at = (value) => `${(100 * (Math.min(Math.max(value, least), most) - least)) / (most - least)}%`;
  const show = () => {
    fill.style.width = at(Number(field.value));
    says.textContent = check.disabled && given === null ? "drag it to your guess" : `${rounded(Number(field.value), predict)} ${unitOf(field.value, predict)}`;
    field.setAttribute("aria-valuetext", says.textContent);
  };
  check.disabled = true; // the middle is no prediction
  const touched = () => { check.disabled = false; show(); };
  field.addEventListener("pointerdown", touched);
  field.addEventListener("input", touched);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") check.click(); });
  const track = make("div", {className: "track"}, fill);
  if (given !== null) {
    const truth = make("b", {className: "truth", title: truthOf(predict)});
    truth.style.left = at(predict.answer);
    track.append(truth);
  }
  show();
  const ends = make("p", {className: "ends"}, span(`${least}`), says, span(`${most}`));
  return {inside: [track, field, ends], answer: () => field.value};
}

function typeWord(predict, given, picked, commit, check) {
  const field = make("input", {type: "text", className: "typed", maxLength: 60, placeholder: predict.hint, value: given ?? "", disabled: given !== null, "aria-label": "Your prediction", autocapitalize: "off", autocomplete: "off", spellcheck: false});
  check.disabled = true;
  field.addEventListener("input", () => (check.disabled = !parted(field.value).length));
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") check.click(); });
  return {inside: [field], answer: () => field.value.trim()};
}

function putInOrder(predict, given) {
  const order = given === null ? predict.items.map((_, i) => i) : given.split(".").map(Number);
  const list = make("ol", {className: "order"});
  const draw = (focus) => {
    list.replaceChildren(...order.map((item, place) => {
      const row = make("li", {}, span(predict.items[item][1]));
      for (const [by, sign, word] of [[-1, "▲", "up"], [1, "▼", "down"]]) {
        const other = place + by;
        const button = make("button", {type: "button", textContent: sign, "aria-label": `Move ${predict.items[item][1]} ${word}`, disabled: given !== null || other < 0 || other >= order.length});
        button.addEventListener("click", () => {
          [order[place], order[other]] = [order[other], order[place]];
          draw({place: other, by});
        });
        row.append(button);
        if (focus?.place === place && focus.by === by) setTimeout(() => (button.disabled ? row.querySelector("button:not(:disabled)") : button)?.focus());
      }
      return row;
    }));
  };
  draw();
  return {inside: [list], answer: () => order.join(".")};
}

function pickSome(predict, given, picked, commit, check) {
  const says = make("p", {className: "note", "aria-live": "polite"});
  const update = () => {
    check.disabled = picked.size !== predict.count;
    says.textContent = given !== null ? "" : predict.count === 1 ? "Pick it in the figure." : `${picked.size} of ${predict.count} picked in the figure.`;
  };
  update();
  return {inside: [says], answer: () => [...picked].join("."), update};
}
