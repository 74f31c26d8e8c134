// Token selection, as in seq2seq/search/choosing.py, and torch's random numbers for the same samples from the same seed.

// The `count` best tokens of values[from .. from + width - 1], best first; ties by the lower token.
function bestTokens(values, from, width, count) {
  const found = [];
  let least = -Infinity; // of those found, once they are enough
  for (let token = 0; token < width; token++) {
    const value = values[from + token];
    if (found.length === count && value <= least) continue;
    let at = found.length;
    while (at && values[from + found[at - 1]] < value) at--;
    found.splice(at, 0, token);
    if (found.length > count) found.pop();
    if (found.length === count) least = values[from + found[count - 1]];
  }
  return found;
}

// One token, drawn by the inverse of the cumulative distribution.
function drawnToken(values, from, width, {temperature, top_k: topK, top_p: topP}, uniform) {
  const scaled = logSoftmax(Float64Array.from(values.subarray(from, from + width), (value) => value / temperature), 1);
  const order = topK
    ? bestTokens(scaled, 0, width, Math.min(topK, width))
    : Array.from(scaled.keys()).sort((a, b) => scaled[b] - scaled[a] || a - b);
  const totals = [];
  let before = 0;
  let total = 0;
  order.forEach((token, i) => {
    const probability = Math.exp(scaled[token]);
    if (before < topP || !i) total += probability; // what crosses top_p is included
    before += probability;
    totals.push(total);
  });
  const drawn = totals.filter((sum) => sum <= uniform * total).length;
  return order[Math.min(drawn, order.length - 1)];
}

// The Mersenne Twister (Matsumoto and Nishimura 1998), as torch seeds it and makes numbers in [0, 1) of it.
function makeRandom(seed) {
  const [N, M] = [624, 397];
  const state = new Uint32Array(N);
  state[0] = seed;
  for (let i = 1; i < N; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  let at = N;
  function word() {
    if (at === N) {
      for (let i = 0; i < N; i++) {
        const mixed = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
        state[i] = state[(i + M) % N] ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let value = state[at++];
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    return (value ^ (value >>> 18)) >>> 0;
  }
  return () => {
    const high = word() & 0x1fffff; // 53 bits of 64
    return (high * 2 ** 32 + word()) * 2 ** -53;
  };
}

// Any fixed hash would do; it is that of seq2seq/search/beam.py, for the first line of a text.
const randomOf = (seed, sentence) => makeRandom(Number((BigInt(seed) * 1000003n + BigInt(sentence) * 15485863n + 1n) % (2n ** 31n - 1n)));
