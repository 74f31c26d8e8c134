// One normaliser for all text, and the typography of outputs: as in seq2seq/text/normalise.py.

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const JOINERS = new Set(["\u200c", "\u200d"]);
const WHITE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;
const LINE_ENDS = /\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/;

function makeNormaliser({patterns, replaced, ligatures}) {
  const signs = new RegExp(`[${Object.keys(replaced).map((sign) => `\\u{${sign.codePointAt(0).toString(16)}}`).join("")}]`, "gu");
  const exchanged = (text) => text.replace(signs, (sign) => replaced[sign]);

  function normalise(text) {
    const visible = exchanged(text).replace(WHITE, " ").replace(INVISIBLE, (sign) => (JOINERS.has(sign) ? sign : ""));
    const composed = exchanged(visible.normalize("NFC")).replace(WHITE, " ").trim();
    return patterns.range.replaced(patterns.afterQuote.replaced(patterns.beforeStop.replaced(composed, ""), ""), "-");
  }

  // An output in the typography of its language.
  function typeset(text, language) {
    if (language !== "fr") return text.replace(/[«»]/g, '"');
    if (text.split('"').length % 2) text = patterns.quoted.replaced(text, "«$1»");
    return patterns.frenchStop.replaced(text, "\u00a0").replaceAll("«", "«\u00a0").replaceAll("«\u00a0\u00a0", "«\u00a0");
  }

  // "un oeuf" as "un œuf".
  function withLigatures(text) {
    if (!ligatures || !/oe|OE|Oe/.test(text)) return text;
    return patterns.ligatures.replaced(text, (found) => found.replaceAll("oe", "œ").replaceAll("OE", "Œ").replaceAll("Oe", "Œ"));
  }
  return {normalise, typeset, withLigatures};
}

// HTML's character references as their characters, as Python's html.unescape reads them.
function makeUnescape(entities) {
  const names = new Map(Object.entries(entities));
  const WINDOWS = new TextDecoder("windows-1252");
  const numbered = (digits) => {
    const code = /^x/i.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
    if (code === 0x0d) return "\r";
    if (code >= 0x80 && code <= 0x9f) return WINDOWS.decode(new Uint8Array([code]));
    if (!code || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return "\ufffd";
    const isNone = (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
    const isControl = (code < 0x20 && !"\t\n\f".includes(String.fromCharCode(code))) || code === 0x7f;
    return isNone || isControl ? "" : String.fromCodePoint(code);
  };
  const named = (name) => {
    if (names.has(name)) return names.get(name);
    for (let end = name.length - 1; end > 1; end--) {
      const known = names.get(name.slice(0, end));
      if (known !== undefined) return known + name.slice(end);
    }
    return `&${name}`;
  };
  return (text) => (text.includes("&")
    ? text.replace(/&(?:#([0-9]+|[xX][0-9a-fA-F]+);?|([^\t\n\f <&#;]{1,32};?))/g, (all, digits, name) => (digits ? numbered(digits) : named(name)))
    : text);
}
