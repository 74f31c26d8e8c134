// Terms explain themselves: where the pointer rests on one, and where the focus is on something that names one.
// The page's elements are not touched: first mentions are marked by the browser's highlights. "?" opens the list of all terms.

const REST = 350; // milliseconds the pointer has to rest
const WHERE = "p, li, small, label, button, th, td, dt, dd, summary, figcaption, h1, h2, h3, h4, output, [data-testid=stMarkdownContainer], span";
const MARKED = "[data-testid=stCaptionContainer], [data-testid=stMarkdownContainer] p, .text p, .note";
let alive = null;

function mount({data, parentElement}) {
  const root = parentElement.querySelector(".glossary");
  for (const [name, value] of Object.entries(data.colours)) root.style.setProperty(name, value);
  if (root.dataset.ready) return;
  root.dataset.ready = "yes";
  alive?.abort();
  alive = new AbortController();
  const {signal} = alive;
  const byForm = new Map();
  for (const term of data.terms) for (const form of [term.name, ...term.also]) byForm.set(form.toLowerCase(), term);
  const forms = [...byForm.keys()].sort((a, b) => b.length - a.length).map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ /g, "[\\s-]"));
  const named = (form) => byForm.get(form.toLowerCase().replace(/\s+/g, " ")) ?? byForm.get(form.toLowerCase().replace(/-/g, " "));
  const pattern = () => new RegExp(`(?<![\\p{L}\\p{N}_])(${forms.join("|")})(?![\\p{L}\\p{N}_])`, "giu");

  // The terms that the text inside of an element names, in as many pieces of text as `most`; shadow trees included.
  function* mentions(element, most = Infinity) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode, seen = 0; node && seen < most; node = walker.nextNode()) {
      if (node.shadowRoot) yield* mentions(node.shadowRoot, most);
      if (node.nodeType !== Node.TEXT_NODE || node.data.length < 3) continue;
      seen++;
      for (const found of node.data.matchAll(pattern())) {
        const range = document.createRange();
        range.setStart(node, found.index);
        range.setEnd(node, found.index + found[0].length);
        yield {term: named(found[0]), range};
      }
    }
  }

  // Marks the first mention of each term in running text.
  function mark() {
    if (!CSS.highlights || !root.isConnected) return;
    const first = new Map();
    for (const {term, range} of mentions(document.querySelector("[data-testid=stMain]") ?? document.body)) {
      const around = range.startContainer.parentElement;
      if (first.has(term) || !around?.closest(MARKED) || around.closest("button, a, .glossary")) continue;
      first.set(term, range);
    }
    CSS.highlights.set("term", new Highlight(...first.values()));
  }
  let marking = 0;
  const soon = () => { clearTimeout(marking); marking = setTimeout(mark, 600); };
  const changes = new MutationObserver(soon);
  changes.observe(document.body, {childList: true, subtree: true, characterData: true});
  for (const kind of ["click", "keyup"]) document.addEventListener(kind, soon, {signal, passive: true});
  signal.addEventListener("abort", () => changes.disconnect());
  soon();

  const box = element("div", {className: "term", role: "tooltip", hidden: true, id: "term"});
  const list = element("dialog", {className: "all"});
  const opener = element("button", {type: "button", className: "opener", textContent: "Glossary (?)", title: "What the words mean; the key ? opens it, too"});
  root.append(opener, box, list);
  opener.addEventListener("click", () => openList());

  function show(term, rect) {
    box.replaceChildren(element("b", {textContent: term.name}), ...(term.symbol ? [element("i", {textContent: term.symbol})] : []), element("span", {textContent: term.says}), ...(term.paper ? [element("small", {textContent: term.paper})] : []));
    box.hidden = false;
    const own = box.getBoundingClientRect();
    const below = rect.bottom + 8 + own.height < innerHeight;
    box.style.left = `${Math.max(8, Math.min(rect.left, innerWidth - own.width - 8))}px`;
    box.style.top = `${below ? rect.bottom + 8 : Math.max(8, rect.top - own.height - 8)}px`;
  }
  const hide = () => (box.hidden = true);

  let timer = 0;
  let last = null;
  let pressed = null; // where something was pressed: nothing is explained there before the pointer leaves
  for (const kind of ["pointerdown", "scroll"]) {
    document.addEventListener(kind, (event) => {
      clearTimeout(timer);
      hide();
      if (kind === "pointerdown") pressed = event;
    }, {signal, passive: true, capture: true});
  }
  document.addEventListener("pointermove", (event) => {
    if (last?.clientX === event.clientX && last.clientY === event.clientY) return; // the page has moved, not the pointer
    last = event;
    clearTimeout(timer);
    if (pressed && Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) < 12) return;
    pressed = null;
    if (!box.hidden && !event.composedPath().includes(box)) hide();
    if (event.pointerType === "touch") return;
    const target = event.composedPath()[0];
    timer = setTimeout(() => {
      if (!target.closest?.(WHERE) || target.closest(".glossary, input, textarea, svg")) return;
      const found = under(target, event.clientX, event.clientY);
      if (found) show(found.term, found.rect);
    }, REST);
  }, {signal, passive: true});

  // The term under a point, with its rectangle. The browser's own answer does not enter shadow trees.
  function under(target, x, y) {
    for (const {term, range} of mentions(target, 40)) {
      const rect = range.getBoundingClientRect();
      if (inside(rect, {clientX: x, clientY: y})) return {term, rect};
    }
    return null;
  }
  const inside = (rect, {clientX, clientY}) => rect.left - 1 <= clientX && clientX <= rect.right + 1 && rect.top - 1 <= clientY && clientY <= rect.bottom + 1;

  // By touch: a tap on a term that is no control.
  document.addEventListener("click", (event) => {
    const target = event.composedPath()[0];
    if (event.pointerType !== "touch" || target.closest?.("a, button, input, textarea, select, summary, .glossary")) return;
    const found = under(target, event.clientX, event.clientY);
    if (found) show(found.term, found.rect);
    else hide();
  }, {signal});

  // By keyboard: what has the focus and names a term explains it.
  document.addEventListener("focusin", (event) => {
    hide();
    const target = event.composedPath()[0];
    // Only of what names something to open; a question or an answer is not covered while it is read.
    if (!target.matches?.("button:focus-visible, a:focus-visible, summary:focus-visible, [role=tab]:focus-visible")) return;
    if (target.closest(".glossary, .prediction, .onward, .top, .seen")) return;
    const text = (target.getAttribute?.("aria-label") || target.textContent || "").slice(0, 60);
    const found = text.match(pattern());
    if (found?.length === 1) show(named(found[0]), target.getBoundingClientRect());
  }, {signal});

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    if (event.key !== "?" || event.ctrlKey || event.metaKey) return;
    if (event.composedPath()[0].closest?.("input, textarea, [contenteditable]")) return;
    event.preventDefault();
    openList();
  }, {signal});

  function openList() {
    const field = element("input", {type: "text", role: "searchbox", placeholder: "Find a word", "aria-label": "Find a word"});
    const close = element("button", {type: "button", textContent: "Close"});
    close.addEventListener("click", () => list.close());
    const entries = data.terms.map((term) => [term, element("div", {}, element("dt", {}, element("b", {textContent: term.name}), ...(term.symbol ? [element("i", {textContent: term.symbol})] : [])), element("dd", {textContent: term.says}), element("small", {textContent: term.paper}))]);
    field.addEventListener("input", () => {
      const asked = field.value.trim().toLowerCase();
      for (const [term, entry] of entries) entry.hidden = asked !== "" && ![term.name, ...term.also, term.says].some((text) => text.toLowerCase().includes(asked));
    });
    list.replaceChildren(element("div", {className: "head"}, element("h2", {textContent: "Glossary"}), field, close), element("dl", {}, ...entries.map(([, entry]) => entry)));
    hide();
    list.showModal();
    field.focus();
  }
}

function element(tag, properties = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside);
  return made;
}
