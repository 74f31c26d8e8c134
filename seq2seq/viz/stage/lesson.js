// The runner of a lesson: read, predict, see, why, try your own. It gets a lesson that is computed already, and asks
// the server only for sources of the visitor's own.

// Draws into `root`. tell(name, value): answer {answers}, own {step, source}, open {name}.
// Returns {update(data), destroy()}; data: lesson; answers, [given, right] by step; at; own, {step, source, figure or
// problem}; next, the lesson after it, or null; remember, whether the address keeps the place.
function makeLesson(root, tell) {
  let data = {};
  let at = 0;
  let answers = {};
  let own = null;
  let stage = null;
  let picked = new Set();
  let control = null;

  function update(given) {
    const same = data.lesson?.name === given.lesson.name && data.lesson.steps.length === given.lesson.steps.length;
    const owned = JSON.stringify(own) !== JSON.stringify(given.own ?? null);
    data = given;
    own = given.own ?? null;
    answers = {...given.answers, ...(same ? answers : {})};
    for (const [step, [value]] of Object.entries(answers)) {
      const {predict} = steps()[step] ?? {};
      if (!predict || !isAnswer(predict, value)) delete answers[step]; // of a link to an older lesson
    }
    root.querySelector(".trying.waits")?.classList.remove("waits");
    if (!same) {
      at = Math.min(Math.max(0, given.at ?? 0), given.lesson.steps.length);
      // Whoever opened it by keyboard goes on from its heading.
      draw(data.offline || document.activeElement !== document.body ? "" : "h2");
    } else if (owned && own?.step === at) draw(".trying input");
  }

  const steps = () => data.lesson.steps;
  const questions = () => steps().map((step, i) => (step.predict ? i : -1)).filter((i) => i >= 0);
  const answered = (i) => (answers[i] ? answers[i][0] : null);

  function go(step) {
    at = step;
    picked = new Set();
    if (data.remember) {
      const address = new URL(location.href);
      address.searchParams.set("at", at);
      history.replaceState(history.state, "", address);
    }
    draw("h2");
    root.scrollIntoView({block: "nearest"});
  }

  function draw(focus) {
    stage?.destroy();
    stage = null;
    root.classList.add("lesson");
    const body = at === steps().length ? summary() : page(steps()[at]);
    root.replaceChildren(top(), ...body);
    if (focus) root.querySelector(focus)?.focus({preventScroll: true});
  }

  function top() {
    const dots = steps().map((step, i) => {
      const [given, right] = answers[i] ?? [null, null];
      const made = make("button", {type: "button", className: `dot ${given === null ? "" : right ? "right" : "wrong"}`, title: step.title, textContent: given === null ? i + 1 : right ? "✓" : "✗"});
      made.setAttribute("aria-current", i === at ? "step" : "false");
      made.setAttribute("aria-label", `Step ${i + 1}: ${step.title}${given === null ? "" : right ? ", answered right" : ", answered wrong"}`);
      made.addEventListener("click", () => go(i));
      return made;
    });
    const home = make("button", {type: "button", className: "plain", textContent: "All lessons", hidden: !data.home});
    home.addEventListener("click", () => tell("open", {name: "", at: Date.now()}));
    return make("div", {className: "top"}, home, make("p", {className: "name"}, make("b", {textContent: data.lesson.title}), make("small", {textContent: ` ${data.lesson.minutes} minutes`})),
      make("div", {className: "dots", role: "group", "aria-label": "Steps of the lesson"}, ...dots));
  }

  function page(step) {
    const given = answered(at);
    const shown = !step.predict || given !== null;
    if (step.predict?.kind === "pick" && shown) picked = new Set(given.split("."));
    const text = make("div", {className: "text"}, make("h2", {tabIndex: -1, textContent: step.title}), ...prose(step.read));
    const acts = make("div", {className: "acts"});
    const after = make("div", {className: "after"});
    if (step.predict) {
      control = drawPrediction(step.predict, given, picked, (value) => commit(step, value));
      text.append(make("p", {className: "ask"}, make("b", {textContent: shown ? "You were asked" : "Predict"}), span(step.ask)));
      acts.append(control.element);
    }
    if (shown) {
      if (step.predict) acts.append(verdictOf(step, given));
      after.append(make("div", {className: "why"}, ...prose(step.why)), ...(step.own ? [trying(step)] : []), ...(step.page && !data.offline ? [further(step.page)] : []));
    }
    after.append(onward(shown));
    const figure = make("div", {className: "seen"});
    const picks = step.predict?.kind === "pick" && !shown;
    const open = shown || picks;
    // What is picked in the figure is checked below it; otherwise the figure comes last.
    const inPicks = step.predict?.kind === "pick";
    const ahead = open ? null : teaser(step.figure);
    const body = make("div", {className: `body ${open || ahead ? "" : "ahead"}`}, text, ...(inPicks ? [figure, acts] : [acts, figure]), after);
    if (open) drawSeen(figure, step, shown);
    else figure.append(ahead ?? note("What the model does appears here, once you have predicted it."));
    return [body];
  }

  function drawSeen(box, step, shown) {
    const figures = [[step.figure, ""]];
    if (shown && own?.step === at && own.figure) {
      if (own.figure.kind === "stage") figures.pop(); // there is one stage
      figures.unshift([{...own.figure, ...(own.figure.kind === "strip" ? {marked: null} : {})}, `Your own: “${own.source}”`]);
    }
    for (const [figure, title] of figures) {
      if (title) box.append(make("h3", {textContent: title, dir: "auto"}));
      else if (figures.length > 1) box.append(make("h3", {textContent: "The lesson's"}));
      if (figure.kind === "stage" && !stage) {
        const asks = !shown && step.predict?.kind === "pick";
        const place = make("section", {className: asks ? "asks" : ""});
        box.append(place);
        stage = makeStage(place, (name, {node}) => { if (name === "pick" && asks) toggle(step, `n${node}`); });
        stage.update({...figure, keys: !asks, picks: asks, remember: false, play: false, node: shown && !title ? pickedNode(step) : null});
      } else if (figure.kind !== "stage") {
        box.append(drawFigure(figure, {
          shown, picked: title ? new Set() : picked, answer: title ? null : step.predict?.kind === "pick" ? step.predict.answer : null,
          pick: shown || step.predict?.kind !== "pick" ? null : (id) => toggle(step, id),
        }));
      }
    }
  }

  // The node that was asked for, as the stage's own choice.
  const pickedNode = (step) => (step.predict?.kind === "pick" ? Number(step.predict.answer[0].slice(1)) : null);

  function toggle(step, id) {
    if (picked.has(id)) picked.delete(id);
    else {
      if (picked.size === step.predict.count) picked.delete([...picked][0]); // the earliest gives way
      picked.add(id);
    }
    for (const each of root.querySelectorAll(".seen [data-pick]")) each.setAttribute("aria-pressed", picked.has(each.dataset.pick));
    control.update();
  }

  function commit(step, value) {
    if (answered(at) !== null) return;
    const right = isRight(step.predict, value);
    answers = {...answers, [at]: [value, right]};
    tell("answer", {answers, at: Date.now()}); // all of them: of two events in one rerun only the last arrives
    draw(".judged");
    if (innerWidth < 960) root.querySelector(step.predict.kind === "pick" ? ".seen" : ".judged").scrollIntoView({block: "start"});
  }

  function verdictOf(step, given) {
    const right = isRight(step.predict, given);
    const truth = right || step.predict.kind === "choose" ? "" : truthOf(step.predict); // of options it is framed
    return make("p", {className: `judged ${right ? "right" : "wrong"}`, tabIndex: -1, role: "status"}, make("b", {textContent: right ? "✓ Right." : "✗ Not quite."}), span(truth ? ` It is: ${truth}` : right || step.predict.kind === "choose" ? "" : " The figure shows it."));
  }

  function trying(step) {
    const field = make("input", {type: "text", maxLength: 300, placeholder: step.typed, value: own?.step === at ? own.source : "", "aria-label": step.own});
    const form = make("form", {className: "trying"}, make("p", {}, make("b", {textContent: "Your own"}), span(step.own)), field, make("button", {className: "plain", textContent: "See"}));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      form.classList.add("waits");
      tell("own", {step: at, source: field.value.trim(), at: Date.now()});
    });
    if (own?.step === at && own.problem) form.append(make("p", {className: "problem", role: "alert", textContent: own.problem}));
    return data.offline ? make("span", {}) : form;
  }

  const PAGES = {translate: "Translate", attention: "Attention", beam_tree: "Beam tree", teacher_forcing: "Teacher forcing", captioning: "Captioning"};
  const further = (name) => make("p", {className: "further"}, make("a", {href: name, target: "_blank", rel: "noopener", textContent: `Go on with your own on the page ${PAGES[name]}`}));

  function onward(shown) {
    const button = (label, act, className = "plain") => {
      const made = make("button", {type: "button", className, textContent: label});
      made.addEventListener("click", act);
      return made;
    };
    const last = at === steps().length - 1;
    const made = make("div", {className: "onward"});
    if (at) made.append(button("Back", () => go(at - 1)));
    made.append(button(last ? "Finish" : shown ? "Next" : "Skip", () => go(at + 1), shown ? "check" : "plain"));
    return made;
  }

  function summary() {
    const asked = questions();
    const right = asked.filter((i) => answers[i]?.[1]).length;
    const said = asked.every((i) => answers[i]) ? `${right} of ${asked.length} predictions were right.` : `${right} of ${asked.length} predictions were right so far; the numbers above lead back to the others.`;
    const again = make("button", {type: "button", className: "plain", textContent: "Back to the first step"});
    again.addEventListener("click", () => go(0));
    const buttons = [again];
    if (data.next) {
      const next = make("button", {type: "button", className: "check", textContent: `Next: ${data.next.title}`});
      next.addEventListener("click", () => tell("open", {name: data.next.name, at: Date.now()}));
      buttons.push(next);
    }
    return [make("div", {className: "summary"}, make("h2", {tabIndex: -1, textContent: "Done"}), make("p", {textContent: said}), make("p", {className: "note", textContent: data.lesson.summary}), make("div", {className: "onward"}, ...buttons))];
  }

  // Digits choose an answer, or pick in the figure.
  function press(event) {
    if (!root.isConnected || event.ctrlKey || event.altKey || event.metaKey) return;
    const path = event.composedPath();
    if (path.some((each) => each.matches?.("input, textarea, select, [contenteditable], dialog"))) return;
    const option = /^[1-9]$/.test(event.key) ? root.querySelectorAll(".option:enabled, [data-pick]:enabled")[Number(event.key) - 1] : null;
    if (option) { event.preventDefault(); option.click(); }
  }

  document.addEventListener("keydown", press);
  return {
    update,
    destroy() {
      stage?.destroy();
      document.removeEventListener("keydown", press);
    },
  };
}

// Paragraphs and lists of runs, as text.
function prose(blocks) {
  const found = [];
  let list = null;
  for (const [kind, runs] of blocks) {
    const inside = runs.map(([text, style]) => (style ? make(style, {textContent: text}) : span(text)));
    if (kind === "li") {
      if (!list) found.push((list = make("ul", {})));
      list.append(make("li", {}, ...inside));
    } else {
      list = null;
      found.push(make("p", {}, ...inside));
    }
  }
  return found;
}
