// Node bench-probe: hands every message to the benchmark, and sends what the benchmark wants sent.
module.exports = (RED) => {
  function BenchProbe(config) {
    RED.nodes.createNode(this, config);
    globalThis.shopfloorBenchProbes.set(config.id, {
      send: (message) => this.send(message),
      arrived: () => undefined,
    });
    this.on('input', (message, _send, done) => {
      globalThis.shopfloorBenchProbes.get(config.id).arrived(message);
      done();
    });
  }
  RED.nodes.registerType('bench-probe', BenchProbe);
};
