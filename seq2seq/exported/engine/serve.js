// The engine in a worker: it is given the packed models, and answers messages {id, call, arguments}.

async function kernelsFor(code, which) {
  if (which === "plain") return plainKernels();
  try {
    return await fastKernels(code);
  } catch (problem) { // old browsers, and those that are told not to run WebAssembly
    if (which === "fast") throw problem;
    return plainKernels();
  }
}

// Base64 as bytes.
function decoded(text) {
  const signs = atob(text);
  const bytes = new Uint8Array(signs.length);
  for (let i = 0; i < signs.length; i++) bytes[i] = signs.charCodeAt(i);
  return bytes;
}

const unpacked = async (text) =>
  new Uint8Array(await new Response(new Blob([decoded(text)]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());

// `models`: packed, in base64; `code`: kernels.wasm; `which`: "fast", "plain" or undefined for what there is.
// Returns what answers a call: translators by direction, and their methods.
async function makeEngine({models, code, which}) {
  const kernels = await kernelsFor(decoded(code), which);
  const translators = new Map();
  for (const text of models) {
    const one = makeTranslator(await unpacked(text), kernels);
    translators.set(`${one.about.source}-${one.about.target}`, one);
  }
  const of = (direction) => {
    if (direction === undefined) return [...translators.values()][0];
    if (!translators.has(direction)) throw new Error(`This page has no model ${direction}; it has ${[...translators.keys()].join(" and ")}.`);
    return translators.get(direction);
  };
  return {
    about: [...translators.values()].map(({about}) => about),
    call: (name, direction, ...given) => of(direction)[name](...given),
  };
}

function serve() {
  let engine = null;
  onmessage = async ({data: {id, start, call}}) => {
    try {
      if (start) engine = await makeEngine(start);
      postMessage({id, result: start ? engine.about : engine.call(...call)});
    } catch (problem) {
      postMessage({id, problem: problem.message});
    }
  };
}
