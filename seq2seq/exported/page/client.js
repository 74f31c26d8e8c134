// The engine from the page's side: in a worker, so that the page never waits; in the page itself where there is none.

// `start`: of makeEngine. Returns {ready, a promise of what the models are; call(name, direction, ...given), a promise,
// with an `id`; stop(calls)}.
function makeClient(start) {
  const waits = new Map();
  let number = 0;
  let send = null;
  let worker = null;

  function ask(message) {
    const id = ++number;
    const answer = new Promise((resolve, reject) => {
      waits.set(id, {resolve, reject});
      try {
        send({id, ...message});
      } catch { // a function, say, can't be sent to a worker
        reject(new Error("The options can hold numbers, lists, true and false only."));
      }
    }).finally(() => waits.delete(id));
    return Object.assign(answer, {id});
  }

  function answered({id, result, problem}) {
    if (problem === undefined) waits.get(id)?.resolve(result);
    else waits.get(id)?.reject(new Error(problem));
  }

  function launch() {
    const code = `${document.getElementById("engine").textContent}\nengine.serve();`;
    worker = new Worker(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
    worker.onmessage = ({data}) => answered(data);
    worker.onerror = (event) => {
      for (const {reject} of waits.values()) reject(new Error(event.message || "the browser runs no worker in this file"));
    };
    send = (message) => worker.postMessage(message);
  }

  async function begin() {
    try {
      launch();
      return await ask({start});
    } catch (problem) {
      worker?.terminate();
      console.warn(`The engine runs in the page itself: ${problem.message}`);
      send = engine.makeServer(answered);
      return await ask({start});
    } finally {
      start = null; // megabytes
    }
  }

  const stop = (calls) => send({stop: calls.map(({id}) => id).filter((id) => waits.has(id))});
  return {ready: begin(), call: (...call) => ask({call}), stop};
}
