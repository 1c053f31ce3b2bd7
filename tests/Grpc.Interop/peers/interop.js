// gRPC's interoperability tests on @grpc/grpc-js, gRPC in plain JavaScript.
//
//   node interop.js PROTO server --port N [--streams M]
//   node interop.js PROTO client --host H --port N --case NAME
//
// Exit 0: passed; 1: failed; 3: the case is not offered here.
const assert = require('node:assert');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [proto, mode, ...rest] = process.argv.slice(2);
const flags = Object.fromEntries(rest.flatMap((flag, i) => (i % 2 === 0 ? [[flag, rest[i + 1]]] : [])));
const options = { keepCase: true, defaults: true, oneofs: true, includeDirs: [path.dirname(proto)] };
const { grpc: { testing }, xds: { service: { orca: { v3: orca } } } } = grpc.loadPackageDefinition(
  loader.loadSync([path.basename(proto), 'load_reporting.proto'], options));

const HEADER = 'x-grpc-test-echo-initial';
const TRAILER = 'x-grpc-test-echo-trailing-bin';
const REPORT_TRAILER = 'endpoint-load-metrics-bin';
const LARGE_REQUEST = 271828;
const LARGE_RESPONSE = 314159;
const SIZES = [31415, 9, 2653, 58979];
const REQUEST_SIZES = [27182, 8, 1828, 45904];
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const zeros = (size) => ({ body: Buffer.alloc(size) });
const asking = (...sizes) => ({ response_parameters: sizes.map((size) => ({ size })) });
const large = () => ({ response_size: LARGE_RESPONSE, payload: zeros(LARGE_REQUEST) });

// What is written and read of a load report. Maps and doubles compare as they are.
const { responseSerialize: writeReport, responseDeserialize: readReport } = orca.OpenRcaService.service.StreamCoreMetrics;
const reportOf = (asked) => ({
  cpu_utilization: asked.cpu_utilization, mem_utilization: asked.memory_utilization,
  request_cost: asked.request_cost || {}, utilization: asked.utilization || {},
});
const sameReport = (told, asked) => Object.entries(reportOf(asked)).every(([key, value]) => {
  try { assert.deepEqual(told[key], value); } catch { return false; }
  return true;
});
const now = () => Buffer.from(String(BigInt(Date.now()) * 1000000n + process.hrtime.bigint() % 1000000n));

// ---- Server ---------------------------------------------------------------------------------------------------------

function echoMetadata(call) {
  const headers = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  for (const value of call.metadata.get(HEADER)) headers.add(HEADER, value);
  for (const value of call.metadata.get(TRAILER)) trailers.add(TRAILER, value);
  call.sendMetadata(headers);
  return trailers;
}

const asked = (request) => (request.response_status && request.response_status.code
  ? { code: request.response_status.code, details: request.response_status.message }
  : null);

async function answer(request, call) {
  for (const { size, interval_us: pause, fill_peer_socket_address: named } of request.response_parameters) {
    if (pause) await new Promise((go) => setTimeout(go, pause / 1000));
    call.write({ payload: zeros(size), peer_socket_address: named && named.value ? call.getPeer() : '' });
  }
}

function serve(port, streams) {
  const server = new grpc.Server(streams ? { 'grpc.max_concurrent_streams': Number(streams) } : {});
  let report = reportOf({});
  server.addService(orca.OpenRcaService.service, {
    StreamCoreMetrics(call) {
      const { report_interval: interval } = call.request;
      call.write(report);
      const timer = setInterval(() => call.write(report), interval ? Number(interval.seconds) * 1000 + interval.nanos / 1e6 : 60000);
      call.on('cancelled', () => clearInterval(timer));
    },
  });
  server.addService(testing.TestService.service, {
    CacheableUnaryCall(call, done) {
      const headers = new grpc.Metadata();
      headers.set('cache-control', 'max-age=60, public');
      call.sendMetadata(headers);
      done(null, { payload: { body: now() } });
    },
    EmptyCall: (call, done) => done(null, {}),
    UnaryCall(call, done) {
      const trailers = echoMetadata(call);
      const status = asked(call.request);
      const { orca_per_query_report: mine, fill_server_id: named } = call.request;
      if (mine) trailers.set(REPORT_TRAILER, writeReport(reportOf(mine)));
      if (status) done({ ...status, metadata: trailers });
      else done(null, { payload: zeros(call.request.response_size), server_id: named ? 'node' : '' }, trailers);
    },
    StreamingInputCall(call, done) {
      let bytes = 0;
      call.on('data', (request) => { bytes += request.payload.body.length; });
      call.on('end', () => done(null, { aggregated_payload_size: bytes }));
    },
    async StreamingOutputCall(call) {
      await answer(call.request, call);
      call.end();
    },
    FullDuplexCall(call) {
      const trailers = echoMetadata(call);
      let turn = Promise.resolve();
      call.on('data', (request) => {
        const status = asked(request);
        if (request.orca_oob_report) report = reportOf(request.orca_oob_report);
        if (status) call.emit('error', { ...status, metadata: trailers });
        else turn = turn.then(() => answer(request, call));
      });
      call.on('end', () => turn.then(() => call.end(trailers)));
    },
  });
  server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
  });
}

// ---- Client ---------------------------------------------------------------------------------------------------------

const address = `${flags['--host']}:${flags['--port']}`;
const connect = (service = testing.TestService) => new service(address, grpc.credentials.createInsecure());

const unary = (client, method, request, metadata = new grpc.Metadata(), options = {}) => new Promise((resolve, reject) => {
  const seen = {};
  const call = client[method](request, metadata, options, (error, response) => {
    seen.response = response;
    seen.error = error;
  });
  call.on('metadata', (headers) => { seen.headers = headers; });
  call.on('status', (status) => setImmediate(() => (seen.error ? reject(seen.error) : resolve({ ...seen, trailers: status.metadata }))));
});

const drain = (call, onData = () => {}) => new Promise((resolve, reject) => {
  const seen = { responses: [] };
  call.on('metadata', (headers) => { seen.headers = headers; });
  call.on('data', (response) => {
    seen.responses.push(response.payload.body.length);
    onData(seen.responses.length);
  });
  call.on('error', reject);
  call.on('status', (status) => { if (status.code === grpc.status.OK) resolve({ ...seen, trailers: status.metadata }); });
});

async function fails(promise, code) {
  const failure = await promise.then(() => assert.fail(`no failure, and ${code} expected`), (error) => error);
  assert.strictEqual(failure.code, code, failure.message);
  return failure;
}

const cases = {
  async empty_unary(client) { await unary(client, 'EmptyCall', {}); },
  async large_unary(client) { assert.strictEqual((await unary(client, 'UnaryCall', large())).response.payload.body.length, LARGE_RESPONSE); },
  async server_compressed_unary(client) {
    for (const value of [true, false]) {
      const { response } = await unary(client, 'UnaryCall', { ...large(), response_compressed: { value } });
      assert.strictEqual(response.payload.body.length, LARGE_RESPONSE);
    }
  },
  async client_compressed_unary() {
    const gzip = new testing.TestService(address, grpc.credentials.createInsecure(),
      { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip });
    const plain = connect();
    await fails(unary(plain, 'UnaryCall', { ...large(), expect_compressed: { value: true } }), grpc.status.INVALID_ARGUMENT);
    await unary(gzip, 'UnaryCall', { ...large(), expect_compressed: { value: true } });
    await unary(plain, 'UnaryCall', { ...large(), expect_compressed: { value: false } });
    gzip.close();
    plain.close();
  },
  async client_streaming(client) {
    const response = await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall((error, value) => (error ? reject(error) : resolve(value)));
      for (const size of REQUEST_SIZES) call.write({ payload: zeros(size) });
      call.end();
    });
    assert.strictEqual(response.aggregated_payload_size, REQUEST_SIZES.reduce((sum, size) => sum + size));
  },
  async server_streaming(client) { assert.deepStrictEqual((await drain(client.StreamingOutputCall(asking(...SIZES)))).responses, SIZES); },
  async server_compressed_streaming(client) {
    const request = asking(31415, 92653);
    request.response_parameters[0].compressed = { value: true };
    request.response_parameters[1].compressed = { value: false };
    assert.deepStrictEqual((await drain(client.StreamingOutputCall(request))).responses, [31415, 92653]);
  },
  async ping_pong(client) {
    const call = client.FullDuplexCall();
    const send = (i) => (i < SIZES.length ? call.write({ ...asking(SIZES[i]), payload: zeros(REQUEST_SIZES[i]) }) : call.end());
    const all = drain(call, send);
    send(0);
    assert.deepStrictEqual((await all).responses, SIZES);
  },
  async empty_stream(client) {
    const call = client.FullDuplexCall();
    call.end();
    assert.deepStrictEqual((await drain(call)).responses, []);
  },
  async custom_metadata(client) {
    const metadata = new grpc.Metadata();
    metadata.set(HEADER, 'test_initial_metadata_value');
    metadata.set(TRAILER, Buffer.from('ababab', 'hex'));
    const call = client.FullDuplexCall(metadata);
    call.write(asking(LARGE_RESPONSE));
    call.end();
    for (const seen of await Promise.all([unary(client, 'UnaryCall', large(), metadata), drain(call)])) {
      assert.deepStrictEqual(seen.headers.get(HEADER), ['test_initial_metadata_value']);
      assert.deepStrictEqual(seen.trailers.get(TRAILER), [Buffer.from('ababab', 'hex')]);
    }
  },
  async status_code_and_message(client) {
    const status = { code: 2, message: 'test status message' };
    const call = client.FullDuplexCall();
    call.write({ response_status: status });
    call.end();
    const both = [unary(client, 'UnaryCall', { response_status: status }), drain(call)];
    for (const failure of await Promise.all(both.map((one) => fails(one, grpc.status.UNKNOWN)))) {
      assert.strictEqual(failure.details, 'test status message');
    }
  },
  async special_status_message(client) {
    const failure = await fails(unary(client, 'UnaryCall', { response_status: { code: 2, message: SPECIAL } }), grpc.status.UNKNOWN);
    assert.strictEqual(failure.details, SPECIAL);
  },
  async unimplemented_method(client) { await fails(unary(client, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED); },
  async unimplemented_service() {
    const client = connect(testing.UnimplementedService);
    await fails(unary(client, 'UnimplementedCall', {}), grpc.status.UNIMPLEMENTED);
    client.close();
  },
  async cancel_after_begin(client) {
    await fails(new Promise((resolve, reject) => {
      client.StreamingInputCall((error, value) => (error ? reject(error) : resolve(value))).cancel();
    }), grpc.status.CANCELLED);
  },
  async cancel_after_first_response(client) {
    const call = client.FullDuplexCall();
    const all = drain(call, () => call.cancel());
    call.write(asking(31415));
    await fails(all, grpc.status.CANCELLED);
  },
  async timeout_on_sleeping_server(client) {
    const call = client.FullDuplexCall({ deadline: Date.now() + 1 });
    const all = drain(call);
    call.write({ payload: zeros(27182) });
    await fails(all, grpc.status.DEADLINE_EXCEEDED);
  },
  async concurrent_large_unary(client) { await Promise.all(Array.from({ length: 100 }, () => cases.large_unary(client))); },
  async rpc_soak(client) { for (let i = 0; i < 100; i++) await cases.large_unary(client); },
  async channel_soak() {
    for (let i = 0; i < 100; i++) {
      const client = connect();
      await cases.large_unary(client);
      client.close();
    }
  },
};

Object.assign(cases, {
  async long_lived_channel(client) {
    for (let i = 0; i < 5; i++) {
      await cases.large_unary(client);
      await new Promise((go) => setTimeout(go, 500));
    }
  },
  async cacheable_unary(client) {
    const request = { payload: { body: now() } };
    const metadata = new grpc.Metadata();
    metadata.set('x-user-ip', '1.2.3.4');
    const first = await unary(client, 'CacheableUnaryCall', request, metadata);
    const second = await unary(client, 'CacheableUnaryCall', request, metadata);
    assert.match(String(first.headers.get('cache-control')), /max-age=60/);
    assert.ok(first.response.payload.body.length > 0);
    assert.deepStrictEqual(second.response, first.response);
  },
  async pick_first_unary(client) {
    const servers = new Set();
    for (let i = 0; i < 100; i++) {
      servers.add((await unary(client, 'UnaryCall', { response_size: 1, payload: zeros(1), fill_server_id: true })).response.server_id);
    }
    assert.ok(servers.size === 1 && !servers.has(''), [...servers].join());
  },
  async orca_per_rpc(client) {
    const mine = { cpu_utilization: 0.8210, memory_utilization: 0.5847, request_cost: { cost: 3456.32 }, utilization: { util: 0.30499 } };
    const { trailers } = await unary(client, 'UnaryCall', { orca_per_query_report: mine });
    const told = readReport(trailers.get(REPORT_TRAILER)[0]);
    assert.ok(sameReport(told, mine), JSON.stringify(told));
  },
  async orca_oob(client) {
    const reporting = connect(orca.OpenRcaService);
    const call = client.FullDuplexCall();
    const answers = call[Symbol.asyncIterator]();
    const reports = [{ cpu_utilization: 0.8210, memory_utilization: 0.5847, utilization: { util: 0.30499 } },
      { cpu_utilization: 0.29309, memory_utilization: 0.2, utilization: { util: 0.2039 } }];
    for (const mine of reports) {
      call.write({ orca_oob_report: mine, ...asking(1) });
      assert.ok(!(await answers.next()).done);
      const stream = reporting.StreamCoreMetrics({ report_interval: { seconds: 1 } });
      stream.on('error', () => {}); // the cancellation below
      for await (const told of stream) if (sameReport(told, mine)) break;
      stream.cancel();
    }
    call.end();
    assert.ok((await answers.next()).done);
    reporting.close();
  },
});

async function call(name) {
  if (!cases[name]) process.exit(3);
  const client = connect();
  await cases[name](client);
  client.close();
}

if (mode === 'server') serve(flags['--port'], flags['--streams']);
else call(flags['--case']).catch((error) => { console.error(error); process.exit(1); });
