// Products with matrices in 8 bits, in WebAssembly SIMD. kernels.js does the same in plain JavaScript.
// Built by tools/kernels.py, which also says with which compiler.

#include <stdint.h>
#include <wasm_simd128.h>

// A matrix row is read once for up to this many input rows, as a beam of 5 has them.
#define MOST 5

static inline float summed(v128_t v) {
  v = wasm_f32x4_add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
  v = wasm_f32x4_add(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2));
  return wasm_f32x4_extract_lane(v, 0);
}

// Integers as floating point numbers. Without the barrier clang 14 converts one lane after the other.
static inline v128_t as_floats(v128_t integers) {
  __asm__("" : "+r"(integers));
  return wasm_f32x4_convert_i32x4(integers);
}

// Multiplies `rows` input rows, a constant once this is inlined, by every row of the matrix.
__attribute__((always_inline)) static inline void block(
    const int8_t *codes, const float *scales, const float *bias, int outputs, int width, const float *in,
    int rows, float *out) {
  // Sums that do not wait for each other: few rows need several each, many rows would not fit into registers.
  const int sums = rows == 1 ? 4 : rows < 4 ? 2 : 1;
  const int whole = width & ~15;
  for (int o = 0; o < outputs; o++, codes += width) {
    v128_t total[MOST][4];
    for (int r = 0; r < rows; r++)
      for (int s = 0; s < sums; s++) total[r][s] = wasm_f32x4_const_splat(0);
    for (int k = 0; k < whole; k += 16) {
      const v128_t bytes = wasm_v128_load(codes + k);
      const v128_t low = wasm_i16x8_extend_low_i8x16(bytes), high = wasm_i16x8_extend_high_i8x16(bytes);
      const v128_t weights[4] = {
          as_floats(wasm_i32x4_extend_low_i16x8(low)),
          as_floats(wasm_i32x4_extend_high_i16x8(low)),
          as_floats(wasm_i32x4_extend_low_i16x8(high)),
          as_floats(wasm_i32x4_extend_high_i16x8(high))};
      for (int r = 0; r < rows; r++)
        for (int q = 0; q < 4; q++) {
          const v128_t product = wasm_f32x4_mul(weights[q], wasm_v128_load(in + r * width + k + 4 * q));
          total[r][q % sums] = wasm_f32x4_add(total[r][q % sums], product);
        }
    }
    for (int r = 0; r < rows; r++) {
      v128_t all = total[r][0];
      for (int s = 1; s < sums; s++) all = wasm_f32x4_add(all, total[r][s]);
      float sum = summed(all);
      for (int k = whole; k < width; k++) sum += codes[k] * in[r * width + k];
      out[r * outputs + o] = sum * scales[o] + (bias ? bias[o] : 0);
    }
  }
}

// out (rows, outputs) = in (rows, width) times the transpose of codes (outputs, width), each row of it times its
// scale, plus bias (outputs); bias may be 0 for none.
__attribute__((export_name("multiply"))) void multiply(
    const int8_t *codes, const float *scales, const float *bias, int outputs, int width, const float *in,
    int rows, float *out) {
  while (rows > 0) {
    const int now = rows < MOST ? rows : MOST;
    switch (now) {
      case 1: block(codes, scales, bias, outputs, width, in, 1, out); break;
      case 2: block(codes, scales, bias, outputs, width, in, 2, out); break;
      case 3: block(codes, scales, bias, outputs, width, in, 3, out); break;
      case 4: block(codes, scales, bias, outputs, width, in, 4, out); break;
      default: block(codes, scales, bias, outputs, width, in, MOST, out);
    }
    rows -= now;
    in += now * width;
    out += now * outputs;
  }
}
