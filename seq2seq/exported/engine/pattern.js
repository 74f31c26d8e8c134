// Regular expressions of the toolkit, which the page holds in JavaScript's own notation.

class Pattern {
  constructor([source, flags]) {
    this.anywhere = new RegExp(source, `u${flags}`);
    this.every = new RegExp(source, `gu${flags}`);
    this.begins = new RegExp(`^(?:${source})`, `u${flags}`);
    this.whole = new RegExp(`^(?:${source})$`, `u${flags}`);
  }

  all(text) { return [...text.matchAll(this.every)]; }

  search(text) { return this.anywhere.exec(text); }

  match(text) { return this.begins.exec(text); }

  isAll(text) { return this.whole.test(text); }

  replaced(text, by) { return text.replace(this.every, by); }
}

const compiled = (patterns) =>
  Object.fromEntries(Object.entries(patterns).map(([name, pattern]) => [name, new Pattern(pattern)]));

const endOf = (match) => match.index + match[0].length;
const isAlpha = (sign) => /\p{L}/u.test(sign);
const isUpper = (text) => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
const isLower = (text) => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
