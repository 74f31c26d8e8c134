// The recorder that turns a search into a Trace, as seq2seq/trace/record.py does: the JSON that the stage reads.

const round = (value, digits) => Math.round(value * 10 ** digits) / 10 ** digits || 0; // no -0

// `rules`: how the search stops, in words.
function makeRecorder(options, rules) {
  const width = widthOf(options);
  const breadth = Math.max(5, Math.floor(10 / width)); // candidates of each hypothesis
  const wanted = Math.max(2 * width, breadth);
  const nodes = [{parent: -1, step: 0, token: START, logProb: 0, total: 0, rank: 1, status: "root"}];
  const expanded = {node: [], entropy: [], attention: []};
  const leaves = new Map();
  const prefixes = new Map([[0, ""]]);
  let at = Array.from({length: options.mode.kind === "sample" ? width : 1}, () => 0);

  function step({number, live, logProbs, attention, kept}) {
    const size = logProbs.length / live.length;
    const first = new Map(); // samples with the same prefix share a node, which the first of their rows stands for
    const stands = at.map((node, row) => { if (!first.has(node)) first.set(node, row); return first.get(node); });
    const rows = [...first.values()];
    const totals = live.map(({total}) => total);
    for (const row of rows) expand(row, logProbs.subarray(row * size, (row + 1) * size), attention, live.length);

    const key = (row, token) => row * size + token;
    const status = new Map(kept.map(({parent, token}) => [key(stands[parent], token), token === END ? "finished" : "kept"]));
    const made = new Map();
    for (const {row, token, logProb, total, rank} of considered(logProbs, size, rows, totals, status)) {
      const own = status.get(key(row, token)) ?? "pruned";
      nodes.push({parent: at[row], step: number, token, logProb, total, rank, status: own});
      if (own === "pruned") continue;
      const node = nodes.length - 1;
      made.set(key(row, token), node);
      prefixes.set(node, `${prefixes.get(at[row])} ${token}`);
      leaves.set(prefixes.get(node), node);
    }
    at = kept.filter(({token}) => token !== END).map(({parent, token}) => made.get(key(stands[parent], token)));
  }

  function expand(row, own, attention, rows) {
    expanded.node.push(at[row]);
    expanded.entropy.push(round(own.reduce((sum, value) => sum - Math.exp(value) * Math.max(value, -1e4), 0), 6));
    if (!attention) return;
    const width = attention.length / rows;
    expanded.attention.push(Array.from(attention.subarray(row * width, (row + 1) * width), (weight) => round(weight, 4)));
  }

  // The best candidates of all rows, each row's own best, and those kept; each with its rank.
  function considered(logProbs, size, rows, totals, status) {
    const of = (row, token) => {
      const logProb = logProbs[row * size + token];
      return {row, token, logProb, total: totals[row] + logProb};
    };
    const byRow = rows.map((row) => bestTokens(logProbs, row * size, size, Math.min(wanted, size)).map((token) => of(row, token)));
    const every = byRow.flat().filter(({logProb}) => logProb > -Infinity).sort(byTotal);
    const leading = every.slice(0, wanted).map((one, i) => ({...one, rank: i + 1}));
    const key = ({row, token}) => row * size + token;
    const own = new Set([...byRow.flatMap((found) => found.slice(0, breadth).map(key)), ...status.keys()]);
    const further = every.slice(wanted).filter((one) => own.has(key(one)));
    const seen = new Set(byRow.flat().map(key));
    for (const place of [...status.keys()].sort((a, b) => a - b)) {
      if (!seen.has(place)) further.push(of(Math.floor(place / size), place % size)); // drawn or forced, of a low rank
    }
    return [...leading, ...ranked(further, logProbs, size, rows, totals)];
  }

  // Candidates with their ranks among all extensions of `rows`, in this order.
  function ranked(candidates, logProbs, size, rows, totals) {
    if (!candidates.length) return [];
    const lowest = Math.min(...candidates.map(({total}) => total)) - 1e-4;
    const rivals = rows.flatMap((row) => {
      const found = [];
      for (let token = 0; token < size; token++) {
        const total = totals[row] + logProbs[row * size + token];
        if (total >= lowest) found.push({row, token, total});
      }
      return found;
    });
    return candidates.map((one) => ({...one, rank: 1 + rivals.filter((rival) => byTotal(rival, one) < 0).length}))
      .sort((a, b) => a.rank - b.rank);
  }

  // The Trace; `named`: source and model; pieces and text convert tokens.
  function trace(hypotheses, named, pieces, text, edits = []) {
    const alpha = alphaOf(options);
    const column = (value) => nodes.map(value);
    const steps = nodes.at(-1).step; // they are recorded step by step
    return {
      version: 1, ...named, options,
      stop: {rule: rules.stop, bound: rules.bounds[alpha >= 0 ? 0 : 1], steps},
      nodes: {
        parent: column((node) => node.parent), step: column((node) => node.step), token: column((node) => node.token),
        piece: pieces(column((node) => node.token)), log_prob: column((node) => round(node.logProb, 6)),
        total: column((node) => round(node.total, 6)),
        normalised: column((node) => round(node.total / lengthPenalty(node.step, alpha), 6)),
        rank: column((node) => node.rank), status: column((node) => node.status),
      },
      expanded: {...expanded, attention: expanded.attention.length ? expanded.attention : null},
      hypotheses: hypotheses.map((one) => ({
        leaf: leaves.get(one.tokens.map((token) => ` ${token}`).join("")), text: text(one.tokens),
        log_prob: round(one.logProb, 6), normalised: round(one.score, 6), length: one.tokens.length, finished: one.finished,
      })),
      edits,
    };
  }
  return {step, trace};
}

const byTotal = (a, b) => b.total - a.total || a.token - b.token || a.row - b.row;
