// Numbers, prices and times of one language as another writes them: as in seq2seq/text/figures.py.

const CURRENCIES = "€$£¥";

// Digits of any script as those of ASCII. Those of a script follow each other in Unicode, from 0 to 9.
const inAscii = (text) => text.replace(/\p{Nd}/gu, (digit) => {
  const code = digit.codePointAt(0);
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return (code - zero) % 10;
});

// `styles`: of source and target: {decimal, group, point}; null where they are not known.
function makeRewrite({source, target, styles}) {
  const inTriples = (digits) => {
    const first = digits.length % 3;
    const parts = first ? [digits.slice(0, first)] : [];
    for (let i = first; i < digits.length; i += 3) parts.push(digits.slice(i, i + 3));
    return parts;
  };

  function parts(written) {
    const digits = written.replace(/^[€$£¥% \u202f\u00a0-]+|[€$£¥% \u202f\u00a0-]+$/g, "");
    const at = digits.indexOf(styles.source.decimal);
    let [whole, decimals] = at < 0 ? [digits, ""] : [digits.slice(0, at), digits.slice(at + 1)];
    if (styles.source.decimal === "." && !decimals && digits.includes(".")) whole = digits;
    const joined = [...whole].filter((sign) => /\p{Nd}/u.test(sign)).join("");
    return {whole: joined, decimals, grouped: joined !== whole};
  }

  function minutes(written) {
    let [hour, minute] = inAscii(written).match(/\d+/g).map(Number);
    const half = written.match(/[aApP](?=\.?[mM])/);
    if (half) hour = (hour % 12) + (/p/i.test(half[0]) ? 12 : 0);
    return {hour, minute: minute ?? 0, sure: Boolean(half) || hour > 12 || hour === 0, exact: minute !== undefined};
  }

  function clock({hour: hours, minute: rest, sure, exact}) {
    const all = hours * 60 + rest;
    const [hour, minute] = [Math.floor(all / 60), all % 60];
    const two = String(minute).padStart(2, "0");
    if (target === "fr") return exact && minute ? `${hour}\u00a0h\u00a0${two}` : `${hour}\u00a0h`;
    if (target !== "en") return `${hour}:${two}`;
    const shown = `${((hour + 11) % 12) + 1}${exact || !sure ? `:${two}` : ""}`;
    return sure ? `${shown} ${hour >= 12 && hour < 24 ? "p.m." : "a.m."}` : shown;
  }

  return function rewrite(kind, written) {
    if (source === target || !styles.source || !styles.target) return written;
    if (kind === "time") return clock(minutes(written));
    const {whole, decimals, grouped} = parts(written);
    const {decimal, group, point} = styles.target;
    const number = (grouped ? inTriples(whole).join(group) : whole) + (decimals ? decimal + decimals : "");
    const minus = written.startsWith("-") ? "-" : "";
    if (kind === "price") {
      const currency = [...written].find((sign) => CURRENCIES.includes(sign));
      return point ? `${minus}${currency}${number}` : `${minus}${number}\u00a0${currency}`;
    }
    const percentSign = written.includes("%") ? (point ? "%" : "\u00a0%") : "";
    return `${minus}${number}${percentSign}`;
  };
}
