// Products with matrices in 8 bits: in WebAssembly (kernels.c), or in plain JavaScript where that is not to be had.
// Both are {place(bytes), product(matrix, input, rows, bias)}: place keeps the weights and returns where they start;
// a matrix is {codes, scales, outputs, width}, the first two as distances from that start; input holds `rows` rows,
// bias a number for each output, or null. A product returns a new Float32Array (rows, outputs).

const PAGE = 65536; // bytes of WebAssembly's memory
const HEAD = 8192; // its stack lies below
const AT_ONCE = 20; // rows of a product; longer ones are cut

async function fastKernels(code) {
  const module = await WebAssembly.compile(code);

  return {
    name: "WebAssembly",
    place(bytes, widest) {
      const start = HEAD;
      const scratch = start + 16 * Math.ceil(bytes.length / 16);
      const size = 4 * AT_ONCE * widest;
      const memory = new WebAssembly.Memory({initial: Math.ceil((scratch + 2 * size + 4 * widest) / PAGE)});
      const {multiply} = new WebAssembly.Instance(module, {env: {memory}}).exports;
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
  place(bytes) {
    const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);

    function product(matrix, input, rows, bias) {
      const {outputs, width} = matrix;
      const scales = new Float32Array(bytes.buffer, bytes.byteOffset + matrix.scales, outputs);
      const found = new Float32Array(rows * outputs);
      const weights = new Float32Array(width);
      for (let o = 0; o < outputs; o++) {
        const codes = matrix.codes + o * width;
        for (let k = 0; k < width; k++) weights[k] = signed[codes + k];
        for (let r = 0; r < rows; r++) {
          const from = r * width;
          let [a, b, c, d] = [0, 0, 0, 0]; // sums that do not wait for each other
          let k = 0;
          for (; k + 3 < width; k += 4) {
            a += weights[k] * input[from + k];
            b += weights[k + 1] * input[from + k + 1];
            c += weights[k + 2] * input[from + k + 2];
            d += weights[k + 3] * input[from + k + 3];
          }
          for (; k < width; k++) a += weights[k] * input[from + k];
          found[r * outputs + o] = (a + b + c + d) * scales[o] + (bias ? bias[o] : 0);
        }
      }
      return found;
    }
    return {bytes, product};
  },
});
