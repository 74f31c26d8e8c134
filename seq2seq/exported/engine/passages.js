// Passages that a model should not rewrite, as placeholders and back: as in seq2seq/text/passages.py.

const FIGURES = ["number", "price", "time"];

// `letters`: by kind of passage its letter and how many a sentence can hold.
function makePassages({patterns, letters, placeholders}, rewrite) {
  const held = new RegExp(placeholders.join("|"), "gu"); // none has a sign with a meaning in expressions

  function spans(text) {
    if (!patterns.hint.search(text)) return [];
    return patterns.passage.all(text).map((match) => {
      const [name] = Object.entries(match.groups).find(([, group]) => group !== undefined);
      return {start: match.index, end: endOf(match), kind: name.replace(/\d+$/, "")};
    });
  }

  const merged = (found, names) => {
    const free = names.filter((name) => found.every((one) => name.end <= one.start || one.end <= name.start));
    return [...found, ...free].sort((a, b) => a.start - b.start || a.end - b.end);
  };

  function mask(text, names) {
    const counts = {};
    const passages = [];
    let masked = "";
    let end = 0;
    for (const {start, end: after, kind} of merged(spans(text), names)) {
      const [letter, most] = letters[kind];
      counts[kind] = (counts[kind] ?? 0) + 1;
      if (counts[kind] > most) continue;
      const placeholder = `⟦${letter}${counts[kind]}⟧`;
      const source = text.slice(start, after);
      masked += text.slice(end, start) + placeholder;
      passages.push({placeholder, kind, source, target: FIGURES.includes(kind) ? rewrite(kind, source) : source});
      end = after;
    }
    return {text: masked + text.slice(end), passages};
  }

  return {
    mask,

    // Whether a text has no letters but those of addresses, codes and the like.
    isCopied(text) {
      let rest = text;
      for (const {start, end} of spans(text).reverse()) rest = rest.slice(0, start) + rest.slice(end);
      return !isAlpha(rest);
    },

    unmask(text, passages) {
      const written = Object.fromEntries(passages.map((passage) => [passage.placeholder, passage.target]));
      return text.replace(held, (placeholder, at) => {
        const passage = written[placeholder] ?? "";
        // "at 2:30 p.m." and a full stop share their point.
        return passage.endsWith(".") && text[at + placeholder.length] === "." ? passage.slice(0, -1) : passage;
      });
    },

    lost: (output, passages) => passages.filter(({placeholder}) => !output.includes(placeholder)),

    // A text in the target language with placeholders for its passages: the inverse of `unmask`.
    maskOutput(text, passages) {
      const longestFirst = [...passages].sort((a, b) => [...b.target].length - [...a.target].length);
      for (const {placeholder, target} of longestFirst) {
        const written = target.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/[\u202f\u00a0]/g, "\\s?");
        text = text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${written}(?![\\p{L}\\p{N}_])`, "u"), () => placeholder);
      }
      return text;
    },
  };
}
