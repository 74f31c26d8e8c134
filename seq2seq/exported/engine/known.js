// The words that a model knows; other capitalised words are names to copy: as in seq2seq/text/known.py.

function makeKnown({patterns, lists}, list) {
  const words = new Set(list);
  const particles = new Set(lists.particles);
  const titles = new Set(lists.titles);
  const usual = new Map(list.map((word) => [word.toLowerCase(), word])); // sorted: lower case wins

  const areKnown = (parts) => parts.length > 1 && parts.every((part) => words.has(part));

  function knows(word, before) {
    if (words.has(word) || titles.has(word)) return true;
    const parts = word.split("-");
    const begins = patterns.begins.search(before);
    if (begins && (words.has(word.toLowerCase()) || areKnown([parts[0].toLowerCase(), ...parts.slice(1)]))) return true;
    return parts.length > 1 && !parts.every((part) => isUpper(first(part))) && areKnown(parts);
  }

  function cased(word) {
    const lower = word.toLowerCase();
    if (usual.has(lower)) return usual.get(lower);
    if ([...word].length < 2) return lower;
    if (word.includes("-")) return word.split("-").map(cased).join("-");
    return capitalised(word); // an unknown word is probably a name
  }

  return {
    // The capitalised words of a sentence that are not known; adjacent ones are one name.
    names(text) {
      const found = [];
      for (const match of patterns.word.all(text)) {
        const [word] = match;
        const [before, after] = [text.slice(0, match.index), endOf(match)];
        if (!isUpper(first(word)) || [...word].length === 1 || text[after] === "_") continue;
        const touches = last(before);
        if (["_", "@", "#", "⟦"].includes(touches) || /\p{Nd}/u.test(touches) || knows(word, before)) continue;
        const between = found.length ? text.slice(found.at(-1).end, match.index) : null;
        const joins = between !== null && (between === " " || particles.has(between.trim()));
        found.push({start: joins ? found.pop().start : match.index, end: after, kind: "name"});
      }
      return found;
    },

    // The share of a text's lower-case words that are known; null if there are fewer than four.
    share(text) {
      const found = patterns.word.all(text).map(([word]) => word).filter(isLower);
      return found.length >= 4 ? found.filter((word) => words.has(word)).length / found.length : null;
    },

    // A text in capitals with each word in its usual case, and a capital at its beginning.
    restored: (text) => withCapital(patterns.word.replaced(text, cased)),
  };
}

const capitalised = (word) => {
  const [head, ...rest] = [...word];
  const [upper, ...more] = [...head.toUpperCase()]; // of "ß" and of ligatures there are two
  return upper + [...more, ...rest].join("").toLowerCase();
};

// A text with a capital at its first letter.
function withCapital(text) {
  const signs = [...text];
  const start = Math.max(0, signs.findIndex(isAlpha));
  return signs.map((sign, i) => (i === start ? sign.toUpperCase() : sign)).join("");
}
