// Options of a translation, checked before anything is computed: what SearchOptions are in the toolkit.

const OTHERS = ["direction", "sample", "prefix", "not_next", "edits"];

// `given`: {beam_size (1 is greedy), alpha, n_best, min_length, max_length, prefix (tokens), sample with temperature, top_k, top_p and seed}.
// `rules`: {alpha, the model's own; size, of the output vocabulary; ranges; diversity}. Throws an Error in one sentence for what is not possible.
// Returns SearchOptions, as a Trace has them.
function searchOptions(given, {alpha: ownAlpha, size, ranges, diversity}) {
  if (given === null || typeof given !== "object" || Array.isArray(given)) throw new Error("The options are an object, as {beam_size: 5}.");
  for (const [name, value] of Object.entries(given)) {
    if (OTHERS.includes(name) || value === undefined || value === null) continue;
    if (!Object.hasOwn(ranges, name)) throw new Error(`“${name}” is no option; choose from ${[...Object.keys(ranges), ...OTHERS].join(", ")}.`);
    const [least, most, whole, above] = ranges[name];
    const fits = typeof value === "number" && (above ? value > least : value >= least) && value <= (most ?? Infinity);
    if (fits && (!whole || Number.isInteger(value))) continue;
    const said = typeof value === "number" ? value : JSON.stringify(value);
    throw new Error(`${name} can't be ${said}; give a ${whole ? "whole " : ""}number ${above ? "above" : "from"} ${least}${most === null ? " on" : ` to ${most}`}.`);
  }
  if (![undefined, null, true, false].includes(given.sample)) throw new Error("sample is true or false.");
  checkEdits(given.edits ?? [], size);
  const {beam_size: beam = 5, alpha = ownAlpha, temperature = 1, top_k: topK = 0, top_p: topP = 1, seed = 0} = given;
  const mode = given.sample
    ? {kind: "sample", temperature, top_k: topK, top_p: topP, seed}
    : beam === 1 ? {kind: "greedy"} : {kind: "beam", size: beam, alpha, coverage: 0, groups: 1, diversity};
  return {
    mode, n_best: given.n_best ?? (given.sample ? 1 : beam), min_length: given.min_length ?? 1, max_length: given.max_length ?? null,
    prefix: tokensOf("prefix", given.prefix, size), not_next: tokensOf("not_next", given.not_next, size), no_repeat: 0,
  };
}

function tokensOf(name, given, size) {
  const tokens = given ?? [];
  if (!Array.isArray(tokens) || !tokens.every((token) => Number.isInteger(token) && token >= 0)) {
    throw new Error(`${name} is a list of token numbers, as those of a trace's nodes.`);
  }
  const beyond = tokens.find((token) => token >= size);
  if (beyond !== undefined) throw new Error(`${name} has token ${beyond}, the last one is ${size - 1}; take it out.`);
  return tokens;
}

function checkEdits(edits, size) {
  if (!Array.isArray(edits)) throw new Error("edits is a list, as a trace has it.");
  for (const edit of edits) {
    if (edit === null || typeof edit !== "object") throw new Error("An edit is an object with a prefix, as in a trace.");
    tokensOf("The prefix of an edit", edit.prefix, size);
    if (edit.attention?.length) throw new Error("The page can't replace attention; the toolkit does.");
  }
}
