// The engine behind messages, in a worker or in the page: {id, start}, {id, call} and {stop, a list of ids}.

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
    const one = await makeTranslator(await unpacked(text), kernels);
    translators.set(`${one.about.source}-${one.about.target}`, one);
  }
  const of = (direction) => {
    if (direction === undefined) return [...translators.values()][0];
    if (!translators.has(direction)) throw new Error(`This page has no model ${direction}; it has ${[...translators.keys()].join(" and ")}.`);
    return translators.get(direction);
  };
  return {
    about: [...translators.values()].map(({about}) => about),
    call: (breathe, name, direction, ...given) => of(direction)[name](breathe, ...given),
  };
}

const EVERY = 30; // milliseconds, after which somebody else has a turn

// `post`: is given {id, result} or {id, problem}. Returns what takes the messages.
function makeServer(post) {
  let engine = null;
  const stopped = new Set();
  let last = 0;

  // Lets messages in, and so another call's steps, now and then.
  const breatheOf = (id) => async () => {
    if (performance.now() - last < EVERY) return;
    await new Promise((done) => setTimeout(done));
    last = performance.now();
    if (stopped.delete(id)) throw new Error("It was stopped.");
  };

  return async function take({id, start, call, stop}) {
    if (stop) { for (const each of stop) stopped.add(each); return; }
    try {
      if (start) engine = makeEngine(start);
      const made = await engine; // whoever asks before it is there waits
      post({id, result: start ? made.about : await made.call(breatheOf(id), ...call)});
    } catch (problem) {
      post({id, problem: problem.message});
    }
    stopped.delete(id);
  };
}

function serve() {
  const take = makeServer(postMessage);
  onmessage = ({data}) => take(data);
}
