// Greedy search, beam search and sampling for one source, by the rules of seq2seq/search/beam.py: of all extensions of
// the live hypotheses the best (size - finished) are kept, and a finished hypothesis keeps its slot.

const lengthPenalty = (length, alpha) => ((5 + length) / 6) ** alpha;
const alphaOf = (options) => (options.mode.kind === "beam" ? options.mode.alpha : 0);
const widthOf = ({mode, n_best: best}) => ({beam: mode.size, sample: best, greedy: 1})[mode.kind];

// `model`: of makeModel; `memory`: of its encode; `options`: SearchOptions; `record`: is told every step;
// `breathe`: is awaited at every step, and may throw to end it; `sentence`: its number in a text, for samples.
// Returns a promise of the n best: {tokens, logProb, score, finished}.
async function search(model, memory, options, record, breathe, sentence = 0) {
  const sampling = options.mode.kind === "sample";
  const [width, alpha] = [widthOf(options), alphaOf(options)];
  const longest = options.max_length ?? 2 * memory.count + 10;
  for (const [name, length] of [["minimum length", options.min_length], ["forced prefix", options.prefix.length]]) {
    if (length > longest) throw new Error(`The ${name} of ${length} is over the longest allowed output of ${longest} tokens; shorten it or allow longer outputs.`);
  }
  const random = sampling ? randomOf(options.mode.seed, sentence) : null;
  const [finished, cutOff] = [[], []];
  let live = Array.from({length: sampling ? width : 1}, () => ({total: 0, tokens: []}));
  let state = model.start(memory);
  if (live.length > 1) state = model.select(state, live.map(() => 0));

  for (let number = 1; live.length; number++) {
    await breathe();
    const after = model.step(live.map(({tokens}) => tokens.at(-1) ?? START), state, memory);
    const logProbs = logSoftmax(after.logits, live.length);
    const allowed = logProbs.slice();
    forbid(allowed, live.length, number, options);
    const kept = extend(allowed, live, width - finished.length, sampling ? options.mode : null, random);
    record.step({number, live, logProbs, attention: after.attention, kept});
    let stays = [];
    for (const one of kept) {
      const isFinished = one.token === END;
      if (!isFinished && number < longest) { stays.push(one); continue; }
      const pool = isFinished ? finished : cutOff;
      pool.push({tokens: one.tokens, logProb: one.total, score: one.total / lengthPenalty(number, alpha), finished: isFinished});
      pool.sort((a, b) => b.score - a.score);
    }
    if (!sampling && finished.length >= options.n_best) {
      const best = Math.max(...stays.map(({total}) => total)); // -Infinity if none stays
      const reached = alpha >= 0 ? longest : Math.max(options.min_length, number + 1);
      if (finished[options.n_best - 1].score >= best / lengthPenalty(reached, alpha)) stays = [];
    }
    state = model.select(after.state, stays.map(({parent}) => parent));
    live = stays;
  }
  if (sampling) return [...finished, ...cutOff];
  return finished.length ? finished.slice(0, options.n_best) : cutOff.slice(0, 1);
}

// Writes -Infinity where a token is not allowed at this step.
function forbid(logProbs, rows, number, {prefix, not_next: notNext, min_length: shortest}) {
  const width = logProbs.length / rows;
  const forced = prefix[number - 1];
  for (let from = 0; from < logProbs.length; from += width) {
    if (forced !== undefined) {
      const alone = logProbs[from + forced];
      logProbs.fill(-Infinity, from, from + width);
      logProbs[from + forced] = alone;
      continue;
    }
    const none = [PAD, START, ...(number === prefix.length + 1 ? notNext : []), ...(number < shortest ? [END] : [])];
    for (const token of none) logProbs[from + token] = -Infinity;
  }
}

// The extensions that fit into the free slots: by total, ties by the lower token and the better parent.
function extend(logProbs, live, free, sampling, random) {
  const width = logProbs.length / live.length;
  const found = live.flatMap(({total, tokens}, parent) => {
    const from = parent * width;
    const picked = sampling ? [drawnToken(logProbs, from, width, sampling, random())] : bestTokens(logProbs, from, width, Math.min(free, width));
    return picked.map((token) => ({parent, token, total: total + logProbs[from + token], tokens: [...tokens, token]}));
  });
  return found.filter(({total}) => total > -Infinity)
    .sort((a, b) => b.total - a.total || a.token - b.token || a.parent - b.parent).slice(0, free);
}
