// The engine from the page's side: in a worker, so that the page never waits; in the page itself where there is none.

// `start`: of makeEngine. Returns {ready, a promise of what the models are, call(name, direction, ...given), a promise}.
function makeClient(start) {
  const waits = new Map();
  let number = 0;
  let worker = null;
  let engineHere = null;

  function ask(message) {
    if (engineHere) return engineHere(message);
    return new Promise((resolve, reject) => {
      waits.set(++number, {resolve, reject});
      worker.postMessage({id: number, ...message});
    });
  }

  function answered({data: {id, result, problem}}) {
    const {resolve, reject} = waits.get(id);
    waits.delete(id);
    if (problem === undefined) resolve(result);
    else reject(new Error(problem));
  }

  // Without a worker: the same calls, one after the other.
  function here() {
    let made = null;
    return async ({start: given, call}) => {
      await new Promise((done) => setTimeout(done)); // what was said so far is drawn first
      if (given) made = await engine.makeEngine(given);
      return given ? made.about : made.call(...call);
    };
  }

  function launched() {
    const code = `${document.getElementById("engine").textContent}\nengine.serve();`;
    const address = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
    worker = new Worker(address);
    worker.onmessage = answered;
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message || "the browser runs no worker in this file"));
      ask({start}).then(resolve, reject);
    });
  }

  async function begin() {
    try {
      return await launched();
    } catch (problem) {
      worker?.terminate();
      console.warn(`The engine runs in the page itself: ${problem.message}`);
      engineHere = here();
      return engineHere({start});
    }
  }
  return {ready: begin(), call: (...call) => ask({call})};
}
