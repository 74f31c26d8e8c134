// Sentence splitting, as in seq2seq/text/sentences.py.

const LONGEST_ABBREVIATION = 12;
const NEXT_LOOK = 30;

function makeSentences({patterns, lists}, normalise) {
  const has = Object.fromEntries(Object.entries(lists).map(([name, words]) => [name, new Set(words)]));

  // Whether the full stop at the end of `head` does not end a sentence.
  function goesOnAfter(head, rest, atHead) {
    if (!head.endsWith(".")) return false;
    const word = patterns.lastWord.search(head.slice(0, -1))?.[0] ?? "";
    if (atHead && patterns.listNumber.isAll(head.trim())) return true;
    const first = patterns.nextWord.match(rest)?.[1] ?? "";
    if (has.inTheMiddle.has(word)) return true;
    if (has.titles.has(word)) return !(word === "M" && has.pronouns.has(first));
    if (has.beforeNumbers.has(word) && patterns.number.match(rest)) return true;
    const initials = patterns.initials.isAll(word) && word !== "I" && word !== "À";
    return (has.abbreviations.has(word) || initials) && !has.firstWords.has(first);
  }

  return function sentences(text) {
    const found = [];
    for (const line of text.split(LINE_ENDS)) {
      const rest = normalise(line);
      let start = 0;
      for (const end of patterns.sentenceEnd.all(rest)) {
        const head = rest.slice(Math.max(start, end.index - LONGEST_ABBREVIATION), end.index);
        const atHead = !rest.slice(start, end.index - head.length).trim();
        const after = endOf(end);
        if (goesOnAfter(head, rest.slice(after, after + NEXT_LOOK), atHead)) continue;
        found.push(rest.slice(start, after).trim());
        start = after;
      }
      found.push(rest.slice(start).trim());
    }
    return found.filter(Boolean);
  };
}
