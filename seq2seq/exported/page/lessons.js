// The lessons that were packed into the page, computed; sources of one's own can't be tried in them.

const lessonOf = (name) => about.lessons.findIndex((lesson) => lesson.name === name);
let runner = null;
const given = {}; // answers by lesson

function course(open) {
  part("course").hidden = !open;
  part("translate").hidden = open;
  press();
  runner?.destroy(); // else its keys would go on
  runner = null;
  if (open) openLesson("");
}

const leave = () => course(false);

function openLesson(name) {
  const place = lessonOf(name);
  part("lessons").hidden = place >= 0;
  part("lesson").hidden = place < 0;
  runner?.destroy();
  runner = null;
  if (place < 0) return part("lessons").replaceChildren(...about.lessons.map(card));
  const box = make("div", {});
  part("lesson").replaceChildren(box);
  const lesson = about.lessons[place];
  const next = about.lessons[place + 1];
  runner = makeLesson(box, (event, value) => {
    if (event === "open") openLesson(value.name);
    if (event === "answer") given[name] = value.answers;
  });
  runner.update({lesson, answers: given[name] ?? {}, at: 0, own: null, home: true, offline: true, next: next ? {name: next.name, title: next.title} : null});
  box.querySelector("h2")?.focus({preventScroll: true});
  return scrollTo(0, 0);
}

// How many of a lesson's questions were answered.
function progress({name, steps}) {
  const done = Object.keys(given[name] ?? {}).length;
  return done ? ` · ${done} of ${steps.filter((step) => step.predict).length} answered` : "";
}

function card(lesson) {
  const made = make("button", {type: "button"}, make("b", {textContent: lesson.title}), make("small", {textContent: `${lesson.minutes} minutes${progress(lesson)}`}), make("span", {textContent: lesson.summary}));
  made.addEventListener("click", () => openLesson(lesson.name));
  return made;
}
