// Products with matrices in 8 bits: in WebAssembly (kernels.c), or in plain JavaScript where that is not to be had.
// Both are {place(bytes), product(matrix, input, rows, bias)}: place keeps the weights;
// a matrix is {codes, scales, outputs, width}, the first two as distances from that start; input holds `rows` rows,
// bias a number for each output, or null. A product returns a new Float32Array (rows, outputs).

const PAGE = 65536; // bytes of WebAssembly's memory
const HEAD = 8192; // its stack lies below
const AT_ONCE = 20; // rows of a product; longer ones are cut

async function fastKernels(code) {
  const module = await WebAssembly.compile(code);
  const made = (memory) => WebAssembly.instantiate(module, {env: {memory}});
  await made(new WebAssembly.Memory({initial: 1})); // what is not possible is known before the weights come

  return {
    name: "WebAssembly",
    async place(bytes, widest) {
      const start = HEAD;
      const scratch = start + 16 * Math.ceil(bytes.length / 16);
      const size = 4 * AT_ONCE * widest;
      const memory = new WebAssembly.Memory({initial: Math.ceil((scratch + 2 * size + 4 * widest) / PAGE)});
      const {multiply} = (await made(memory)).exports;
      new Uint8Array(memory.buffer, start, bytes.length).set(bytes);
      const [inputs, outputs, biases] = [scratch, scratch + size, scratch + 2 * size];
      const at = (place, length) => new Float32Array(memory.buffer, place, length);

      function product(matrix, input, rows, bias) {
        const {outputs: high, width} = matrix;
        const found = new Float32Array(rows * high);
        if (bias) at(biases, high).set(bias);
        for (let row = 0; row < rows; row += AT_ONCE) {
          const now = Math.min(AT_ONCE, rows - row);
          at(inputs, now * width).set(input.subarray(row * width, (row + now) * width));
          multiply(start + matrix.codes, start + matrix.scales, bias ? biases : 0, high, width, inputs, now, outputs);
          found.set(at(outputs, now * high), row * high);
        }
        return found;
      }
      return {bytes: new Uint8Array(memory.buffer, start, bytes.length), product};
    },
  };
}

const plainKernels = () => ({
  name: "JavaScript",
  async place(bytes) {
    const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);

    function product({codes, scales: at, outputs, width}, input, rows, bias) {
      const scales = new Float32Array(bytes.buffer, bytes.byteOffset + at, outputs);
      const found = new Float32Array(rows * outputs);
      const given = Float64Array.from(input); // converted once, not at every product
      for (let row = 0; row < rows;) {
        const now = rows - row < 5 ? 1 : 5;
        (now === 5 ? fiveRows : oneRow)(signed, codes, given, row, width, outputs, found);
        row += now;
      }
      for (let i = 0; i < found.length; i++) found[i] = found[i] * scales[i % outputs] + (bias ? bias[i % outputs] : 0);
      return found;
    }
    return {bytes, product};
  },
});

// One row, in sums that do not wait for each other.
function oneRow(codes, start, input, row, width, outputs, out) {
  const end = (row + 1) * width;
  for (let o = 0, at = start; o < outputs; o++) {
    let a = 0, b = 0, c = 0, d = 0;
    let k = row * width;
    for (; k + 3 < end; k += 4, at += 4) {
      a += codes[at] * input[k];
      b += codes[at + 1] * input[k + 1];
      c += codes[at + 2] * input[k + 2];
      d += codes[at + 3] * input[k + 3];
    }
    for (; k < end; k++, at++) a += codes[at] * input[k];
    out[row * outputs + o] = a + b + c + d;
  }
}

// Five rows at once, for which a weight is read once.
function fiveRows(codes, start, input, row, width, outputs, out) {
  const [one, two, three, four, five] = [0, 1, 2, 3, 4].map((i) => (row + i) * width);
  const first = row * outputs;
  for (let o = 0, at = start; o < outputs; o++) {
    let a = 0, b = 0, c = 0, d = 0, e = 0;
    for (let k = 0; k < width; k++, at++) {
      const weight = codes[at];
      a += weight * input[one + k];
      b += weight * input[two + k];
      c += weight * input[three + k];
      d += weight * input[four + k];
      e += weight * input[five + k];
    }
    out[first + o] = a;
    out[first + outputs + o] = b;
    out[first + 2 * outputs + o] = c;
    out[first + 3 * outputs + o] = d;
    out[first + 4 * outputs + o] = e;
  }
}
