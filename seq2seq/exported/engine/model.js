// The model: recurrent encoder, bridge, attention and decoder, as in seq2seq/models. Rows lie one behind the other
// in Float32Arrays.

// `config`: a ModelConfig; `weights`: {matrix(name), vector(name), row(name, index), has(name), product}.
function makeModel(config, weights) {
  const {cell, embedding, encoder_hidden: reading, decoder_hidden: hidden, bidirectional} = config;
  const memoryWidth = reading * (bidirectional ? 2 : 1);
  const {matrix, vector, product} = weights;
  const linear = (name, input, rows) => product(matrix(`${name}.weight`), input, rows, weights.has(`${name}.bias`) ? vector(`${name}.bias`) : null);

  // One recurrent layer in one direction.
  function layer(name, width) {
    const at = `${name}.sequence.`;
    const [inside, across] = [matrix(`${at}weight_ih_l0`), matrix(`${at}weight_hh_l0`)];
    const [bias, second] = [vector(`${at}bias_ih_l0`), vector(`${at}bias_hh_l0`)];
    const first = cell === "gru" ? bias : bias.map((value, i) => value + second[i]);
    return {
      project: (input, rows) => product(inside, input, rows, first),
      // The next state: the output, and for an lstm its memory; each (rows, width).
      step(gates, [before, kept], rows) {
        const now = product(across, before, rows, cell === "gru" ? second : null);
        const output = new Float32Array(rows * width);
        const memory = cell === "lstm" ? new Float32Array(rows * width) : null;
        for (let r = 0; r < rows; r++) {
          const own = r * width;
          const of = own * (now.length / before.length);
          for (let i = 0; i < width; i++) {
            const a = of + i;
            if (cell === "rnn") output[own + i] = Math.tanh(now[a] + gates[a]);
            else if (cell === "gru") {
              const reset = sigmoid(now[a] + gates[a]);
              const update = sigmoid(now[a + width] + gates[a + width]);
              const fresh = Math.tanh(gates[a + 2 * width] + reset * now[a + 2 * width]);
              output[own + i] = fresh + update * (before[own + i] - fresh);
            } else {
              const into = sigmoid(now[a] + gates[a]);
              const forget = sigmoid(now[a + width] + gates[a + width]);
              const fresh = Math.tanh(now[a + 2 * width] + gates[a + 2 * width]);
              const out = sigmoid(now[a + 3 * width] + gates[a + 3 * width]);
              memory[own + i] = forget * kept[own + i] + into * fresh;
              output[own + i] = out * Math.tanh(memory[own + i]);
            }
          }
        }
        return memory ? [output, memory] : [output];
      },
    };
  }

  function embedded(name, tokens) {
    const found = new Float32Array(tokens.length * embedding);
    tokens.forEach((token, i) => found.set(weights.row(name, token), i * embedding));
    return found;
  }

  function normed(name, rows, width) {
    if (!config.layer_norm) return rows;
    const [scale, shift] = [vector(`${name}.weight`), vector(`${name}.bias`)];
    for (let at = 0; at < rows.length; at += width) {
      const own = rows.subarray(at, at + width);
      const mean = own.reduce((a, b) => a + b, 0) / width;
      const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
      own.forEach((value, i) => { own[i] = ((value - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + shift[i]; });
    }
    return rows;
  }

  const sides = bidirectional ? ["forwards", "backwards"] : ["forwards"];
  const readers = Array.from({length: config.encoder_layers}, (_, i) => sides.map((side) => layer(`encoder.${side}.${i}`, reading)));
  const writers = Array.from({length: config.decoder_layers}, (_, i) => layer(`decoder.layers.${i}`, hidden));

  // The source's states, and what the decoder starts from. `tokens`: with the end token.
  function encode(tokens) {
    const count = tokens.length;
    const summaries = [];
    let states = embedded("encoder.embedding.weight", tokens);
    readers.forEach((directions, number) => {
      const outputs = new Float32Array(count * memoryWidth);
      const ends = new Float32Array(memoryWidth);
      directions.forEach((reader, side) => {
        const gates = reader.project(states, count);
        const width = gates.length / count;
        let state = [new Float32Array(reading), new Float32Array(reading)];
        for (let i = 0; i < count; i++) {
          const at = side ? count - 1 - i : i;
          state = reader.step(gates.subarray(at * width, (at + 1) * width), state, 1);
          outputs.set(state[0], at * memoryWidth + side * reading);
        }
        ends.set(state[0], side * reading);
      });
      summaries.push(ends);
      if (number) states.forEach((value, i) => { outputs[i] += value; });
      states = outputs;
    });
    normed("encoder.norm", states, memoryWidth);
    const parts = cell === "lstm" ? 2 : 1;
    const layers = writers.map((_, i) => Array.from({length: parts}, (__, part) =>
      linear(`bridge.layers.${i}.${part}`, summaries[Math.min(i, summaries.length - 1)], 1).map(Math.tanh)));
    const keys = config.attention === "additive" ? linear("decoder.attention.memory", states, count) : states;
    return {count, states, keys, layers, barred: [], once: []};
  }

  const start = ({layers}) => ({
    layers, feed: config.input_feeding ? new Float32Array(embedding) : null, said: [[]],
  });

  // The state of these rows, in this order; a row may come twice.
  function select(state, rows) {
    const count = state.said.length;
    const picked = (part) => {
      const width = part.length / count;
      const found = new Float32Array(rows.length * width);
      rows.forEach((row, i) => found.set(part.subarray(row * width, (row + 1) * width), i * width));
      return found;
    };
    return {layers: state.layers.map((parts) => parts.map(picked)), feed: state.feed && picked(state.feed), said: rows.map((row) => state.said[row])};
  }

  // Attention weights (rows, source) of queries (rows, hidden).
  function attend(queries, memory, rows) {
    const {count, keys} = memory;
    const width = keys.length / count;
    const additive = config.attention === "additive";
    const asked = config.attention === "dot" ? queries : linear("decoder.attention.query", queries, rows);
    const found = new Float32Array(rows * count);
    const sums = additive ? weights.row("decoder.attention.score.weight", 0) : null;
    for (let r = 0; r < rows; r++) {
      const own = found.subarray(r * count, (r + 1) * count);
      for (let s = 0; s < count; s++) {
        let score = 0;
        for (let i = 0; i < width; i++) {
          const [query, key] = [asked[r * width + i], keys[s * width + i]];
          score += additive ? sums[i] * Math.tanh(query + key) : query * key;
        }
        own[s] = score;
      }
      softmax(own);
    }
    return found;
  }

  function contexts(attention, memory, rows) {
    const found = new Float32Array(rows * memoryWidth);
    for (let r = 0; r < rows; r++) {
      for (let s = 0; s < memory.count; s++) {
        const weight = attention[r * memory.count + s];
        for (let i = 0; i < memoryWidth; i++) found[r * memoryWidth + i] += weight * memory.states[s * memoryWidth + i];
      }
    }
    return found;
  }

  // Logits (rows, vocabulary), the next state and the attention (rows, source), or null without one.
  function step(tokens, state, memory) {
    const rows = tokens.length;
    const target = embedded("decoder.embedding.weight", tokens);
    const has = config.attention !== "none";
    const isBefore = has && config.attention_at === "before";
    let attention = isBefore ? attend(state.layers.at(-1)[0], memory, rows) : null;
    let context = isBefore ? contexts(attention, memory, rows) : null;
    const beside = context ?? state.feed;
    const layers = [];
    let outputs = beside ? joinedRows([target, beside], rows) : target;
    writers.forEach((writer, number) => {
      layers.push(writer.step(writer.project(outputs, rows), state.layers[number], rows));
      const own = layers[number][0];
      outputs = number ? own.map((value, i) => value + outputs[i]) : own;
    });
    if (config.layer_norm) outputs = normed("decoder.norm", outputs.slice(), hidden);
    if (has && !isBefore) {
      attention = attend(outputs, memory, rows);
      context = contexts(attention, memory, rows);
    }
    const read = isBefore ? [outputs, context, target] : has ? [outputs, context] : [outputs];
    const readout = linear("decoder.readout", joinedRows(read, rows), rows).map(Math.tanh);
    const output = matrix(config.tied ? "decoder.embedding.weight" : "decoder.output.weight");
    const logits = product(output, readout, rows, vector("decoder.output.bias"));
    const said = state.said.map((before, r) => (memory.once.includes(tokens[r]) ? [...before, tokens[r]] : before));
    const vocabulary = logits.length / rows;
    said.forEach((written, r) => [...memory.barred, ...written].forEach((token) => { logits[r * vocabulary + token] = -Infinity; }));
    return {logits, attention, state: {layers, feed: config.input_feeding ? readout : null, said}};
  }

  return {encode, start, select, step};
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

// Rows of several parts side by side.
function joinedRows(parts, rows) {
  if (parts.length === 1) return parts[0];
  const widths = parts.map((part) => part.length / rows);
  const found = new Float32Array(parts.reduce((all, part) => all + part.length, 0));
  let at = 0;
  for (let r = 0; r < rows; r++) {
    parts.forEach((part, i) => { found.set(part.subarray(r * widths[i], (r + 1) * widths[i]), at); at += widths[i]; });
  }
  return found;
}

function softmax(values) {
  let [most, total] = [-Infinity, 0];
  for (const value of values) if (value > most) most = value;
  for (let i = 0; i < values.length; i++) total += values[i] = Math.exp(values[i] - most);
  for (let i = 0; i < values.length; i++) values[i] /= total;
}

// Natural log-probabilities of rows of logits, in place.
function logSoftmax(logits, rows) {
  const width = logits.length / rows;
  for (let from = 0; from < logits.length; from += width) {
    let [most, total] = [-Infinity, 0];
    for (let i = from; i < from + width; i++) if (logits[i] > most) most = logits[i];
    for (let i = from; i < from + width; i++) total += Math.exp(logits[i] - most);
    const off = most + Math.log(total);
    for (let i = from; i < from + width; i++) logits[i] -= off;
  }
  return logits;
}
