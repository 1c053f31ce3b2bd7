#!/usr/bin/env python3
"""gRPC's interoperability tests on python3-grpcio, which is gRPC's C core.

  interop.py DESCRIPTORS server --port N [--streams M]
  interop.py DESCRIPTORS client --host H --port N --case NAME

DESCRIPTORS is the file that `Grpc.Interop descriptors` writes. Exit 0: passed; 1: failed; 3: the case is not offered here.
"""
import sys
import threading
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVICE = "grpc.testing.TestService"
REPORTING = "xds.service.orca.v3.OpenRcaService"
REPORT_TRAILER = "endpoint-load-metrics-bin"
HEADER = "x-grpc-test-echo-initial"
TRAILER = "x-grpc-test-echo-trailing-bin"
LARGE_REQUEST, LARGE_RESPONSE = 271828, 314159
SIZES, REQUEST_SIZES = [31415, 9, 2653, 58979], [27182, 8, 1828, 45904]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"


def load(path):
    pool = descriptor_pool.DescriptorPool()
    with open(path, "rb") as file:
        for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
            pool.Add(proto)
    factory = message_factory.MessageFactory(pool)
    names = ["Empty", "Payload", "EchoStatus", "SimpleRequest", "SimpleResponse", "StreamingInputCallRequest", "StreamingInputCallResponse",
             "ResponseParameters", "StreamingOutputCallRequest", "StreamingOutputCallResponse", "BoolValue", "TestOrcaReport"]
    globals().update({name: factory.GetPrototype(pool.FindMessageTypeByName("grpc.testing." + name)) for name in names})
    for name in ("xds.data.orca.v3.OrcaLoadReport", "xds.service.orca.v3.OrcaLoadReportRequest"):
        globals()[name.rpartition(".")[2]] = factory.GetPrototype(pool.FindMessageTypeByName(name))


def zeros(size):
    return Payload(body=bytes(size))


def asking(*sizes):
    return StreamingOutputCallRequest(response_parameters=[ResponseParameters(size=size) for size in sizes])


def report_of(asked):
    return OrcaLoadReport(cpu_utilization=asked.cpu_utilization, mem_utilization=asked.memory_utilization,
                          request_cost=asked.request_cost, utilization=asked.utilization)


# ---- Server ----------------------------------------------------------------------------------------------------------

current_report = None


def echo_metadata(context, trailers=()):
    for key, value in context.invocation_metadata():
        if key == HEADER:
            context.send_initial_metadata([(key, value)])
        elif key == TRAILER:
            trailers = [*trailers, (key, value)]
    context.set_trailing_metadata(trailers)


def abort_if_asked(request, context):
    if request.HasField("response_status") and request.response_status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def unary_call(request, context):
    if request.HasField("response_compressed") and request.response_compressed.value:
        context.set_compression(grpc.Compression.Gzip)
    elif request.HasField("response_compressed"):
        context.disable_next_message_compression()
    asked = request.orca_per_query_report
    echo_metadata(context, [(REPORT_TRAILER, report_of(asked).SerializeToString())] if request.HasField("orca_per_query_report") else [])
    abort_if_asked(request, context)
    return SimpleResponse(payload=zeros(request.response_size), server_id="python" if request.fill_server_id else "")


def cacheable_call(request, context):
    context.send_initial_metadata([("cache-control", "max-age=60, public")])
    return SimpleResponse(payload=Payload(body=str(time.time_ns()).encode()))


def reports(request, context):
    interval = request.report_interval.seconds + request.report_interval.nanos / 1e9
    while context.is_active():
        yield current_report or OrcaLoadReport()
        time.sleep(interval or 60)


def answers(request, context):
    abort_if_asked(request, context)
    for parameters in request.response_parameters:
        if parameters.interval_us:
            time.sleep(parameters.interval_us / 1e6)
        if parameters.HasField("compressed") and not parameters.compressed.value:
            context.disable_next_message_compression()
        peer = context.peer() if parameters.fill_peer_socket_address.value else ""
        yield StreamingOutputCallResponse(payload=zeros(parameters.size), peer_socket_address=peer)


def output_call(request, context):
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    echo_metadata(context)
    yield from answers(request, context)


def input_call(requests, context):
    return StreamingInputCallResponse(aggregated_payload_size=sum(len(request.payload.body) for request in requests))


def duplex_call(requests, context):
    global current_report
    echo_metadata(context)
    for request in requests:
        if request.HasField("orca_oob_report"):
            current_report = report_of(request.orca_oob_report)
        yield from answers(request, context)


def serve(port, streams):
    def of(make, handler, request, response):
        return make(handler, request_deserializer=request.FromString, response_serializer=lambda message: message.SerializeToString())

    limit = [("grpc.max_concurrent_streams", int(streams))] if streams else []
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=limit)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, {
        "EmptyCall": of(grpc.unary_unary_rpc_method_handler, lambda request, context: Empty(), Empty, Empty),
        "UnaryCall": of(grpc.unary_unary_rpc_method_handler, unary_call, SimpleRequest, SimpleResponse),
        "CacheableUnaryCall": of(grpc.unary_unary_rpc_method_handler, cacheable_call, SimpleRequest, SimpleResponse),
        "StreamingOutputCall": of(grpc.unary_stream_rpc_method_handler, output_call, StreamingOutputCallRequest, StreamingOutputCallResponse),
        "StreamingInputCall": of(grpc.stream_unary_rpc_method_handler, input_call, StreamingInputCallRequest, StreamingInputCallResponse),
        "FullDuplexCall": of(grpc.stream_stream_rpc_method_handler, duplex_call, StreamingOutputCallRequest, StreamingOutputCallResponse),
    }), grpc.method_handlers_generic_handler(REPORTING, {
        "StreamCoreMetrics": of(grpc.unary_stream_rpc_method_handler, reports, OrcaLoadReportRequest, OrcaLoadReport),
    })])
    if server.add_insecure_port(f"127.0.0.1:{port}") == 0:
        sys.exit(f"cannot listen on port {port}")
    server.start()
    server.wait_for_termination()


# ---- Client ----------------------------------------------------------------------------------------------------------

class Client:
    def __init__(self, address):
        self.address = address
        self.channel = grpc.insecure_channel(address)
        self.empty = self.of(self.channel.unary_unary, "EmptyCall", Empty)
        self.unary = self.of(self.channel.unary_unary, "UnaryCall", SimpleResponse)
        self.output = self.of(self.channel.unary_stream, "StreamingOutputCall", StreamingOutputCallResponse)
        self.input = self.of(self.channel.stream_unary, "StreamingInputCall", StreamingInputCallResponse)
        self.duplex = self.of(self.channel.stream_stream, "FullDuplexCall", StreamingOutputCallResponse)

    @staticmethod
    def of(make, method, response, service=SERVICE):
        return make(f"/{service}/{method}", request_serializer=lambda message: message.SerializeToString(), response_deserializer=response.FromString)

    def empty_unary(self):
        assert self.empty(Empty()) == Empty()

    def large_unary(self):
        assert len(self.unary(large()).payload.body) == LARGE_RESPONSE

    def server_compressed_unary(self):
        for compressed in (True, False):
            request = large()
            request.response_compressed.value = compressed
            assert len(self.unary(request).payload.body) == LARGE_RESPONSE

    def client_compressed_unary(self):
        for compression, expected in ((grpc.Compression.Gzip, True), (grpc.Compression.NoCompression, False)):
            request = large()
            request.expect_compressed.value = expected
            assert len(self.unary(request, compression=compression).payload.body) == LARGE_RESPONSE
        request.expect_compressed.value = True
        fails(lambda: self.unary(request, compression=grpc.Compression.NoCompression), grpc.StatusCode.INVALID_ARGUMENT)

    def client_streaming(self):
        response = self.input(StreamingInputCallRequest(payload=zeros(size)) for size in REQUEST_SIZES)
        assert response.aggregated_payload_size == sum(REQUEST_SIZES)

    def client_compressed_streaming(self):
        def requests(expected):
            for size in (27182, 45904):
                yield StreamingInputCallRequest(payload=zeros(size), expect_compressed=BoolValue(value=expected))
        assert self.input(requests(True), compression=grpc.Compression.Gzip).aggregated_payload_size == 73086
        fails(lambda: self.input(requests(True)), grpc.StatusCode.INVALID_ARGUMENT)

    def server_streaming(self):
        assert [len(response.payload.body) for response in self.output(asking(*SIZES))] == SIZES

    def server_compressed_streaming(self):
        request = asking(31415, 92653)
        request.response_parameters[0].compressed.value = True
        request.response_parameters[1].compressed.value = False
        assert [len(response.payload.body) for response in self.output(request)] == [31415, 92653]

    def ping_pong(self):
        turn = threading.Semaphore(1)

        def requests():
            for asked, sent in zip(SIZES, REQUEST_SIZES):
                turn.acquire()
                request = asking(asked)
                request.payload.body = bytes(sent)
                yield request

        seen = []
        for response in self.duplex(requests()):
            seen.append(len(response.payload.body))
            turn.release()
        assert seen == SIZES

    def empty_stream(self):
        assert list(self.duplex(iter(()))) == []

    def custom_metadata(self):
        metadata = [(HEADER, "test_initial_metadata_value"), (TRAILER, b"\xab\xab\xab")]
        response, call = self.unary.with_call(large(), metadata=metadata)
        stream = self.duplex(iter([asking(LARGE_RESPONSE)]), metadata=metadata)
        assert len(list(stream)) == 1
        for one in (call, stream):
            assert dict(one.initial_metadata())[HEADER] == "test_initial_metadata_value"
            assert dict(one.trailing_metadata())[TRAILER] == b"\xab\xab\xab"

    def status_code_and_message(self):
        status = EchoStatus(code=2, message="test status message")
        for call in (lambda: self.unary(SimpleRequest(response_status=status)),
                     lambda: list(self.duplex(iter([StreamingOutputCallRequest(response_status=status)])))):
            assert fails(call, grpc.StatusCode.UNKNOWN).details() == "test status message"

    def special_status_message(self):
        failure = fails(lambda: self.unary(SimpleRequest(response_status=EchoStatus(code=2, message=SPECIAL))), grpc.StatusCode.UNKNOWN)
        assert failure.details() == SPECIAL

    def unimplemented_method(self):
        fails(lambda: self.of(self.channel.unary_unary, "UnimplementedCall", Empty)(Empty()), grpc.StatusCode.UNIMPLEMENTED)

    def unimplemented_service(self):
        missing = self.of(self.channel.unary_unary, "UnimplementedCall", Empty, "grpc.testing.UnimplementedService")
        fails(lambda: missing(Empty()), grpc.StatusCode.UNIMPLEMENTED)

    def cancel_after_begin(self):
        never = threading.Event()
        call = self.input.future(StreamingInputCallRequest() for _ in iter(never.wait, False))
        call.cancel()
        assert call.cancelled() and call.code() is grpc.StatusCode.CANCELLED
        never.set()

    def cancel_after_first_response(self):
        more = threading.Event()

        def requests():
            yield asking(31415)
            more.wait()

        call = self.duplex(requests())
        next(call)
        call.cancel()
        more.set()
        fails(lambda: next(call), grpc.StatusCode.CANCELLED)

    def timeout_on_sleeping_server(self):
        more = threading.Event()

        def requests():
            yield StreamingOutputCallRequest(payload=zeros(27182))
            more.wait()

        call = self.duplex(requests(), timeout=0.001)
        fails(lambda: next(call), grpc.StatusCode.DEADLINE_EXCEEDED)
        more.set()

    def concurrent_large_unary(self):
        for call in [self.unary.future(large()) for _ in range(100)]:
            assert len(call.result().payload.body) == LARGE_RESPONSE

    def rpc_soak(self):
        for _ in range(100):
            self.large_unary()

    def channel_soak(self):
        for _ in range(100):
            fresh = Client(self.address)
            fresh.large_unary()
            fresh.channel.close()


    def long_lived_channel(self):
        for _ in range(5):
            self.large_unary()
            time.sleep(0.5)

    def cacheable_unary(self):
        cacheable = self.of(self.channel.unary_unary, "CacheableUnaryCall", SimpleResponse)
        request = SimpleRequest(payload=Payload(body=str(time.time_ns()).encode()))
        first, call = cacheable.with_call(request, metadata=[("x-user-ip", "1.2.3.4")])
        assert "max-age=60" in dict(call.initial_metadata())["cache-control"]
        assert first.payload.body and first == cacheable(request, metadata=[("x-user-ip", "1.2.3.4")])

    def pick_first_unary(self):
        servers = {self.unary(SimpleRequest(response_size=1, payload=zeros(1), fill_server_id=True)).server_id for _ in range(100)}
        assert len(servers) == 1 and "" not in servers, servers

    # No orca_per_rpc: gRPC's C core keeps that trailer from its callers.

    def orca_oob(self):
        confirmed = threading.Semaphore(1)
        done = threading.Event()
        asked = [TestOrcaReport(cpu_utilization=0.8210, memory_utilization=0.5847, utilization={"util": 0.30499}),
                 TestOrcaReport(cpu_utilization=0.29309, memory_utilization=0.2, utilization={"util": 0.2039})]

        def requests():
            for report in asked:
                confirmed.acquire()
                yield StreamingOutputCallRequest(orca_oob_report=report, response_parameters=[ResponseParameters(size=1)])
            done.wait()

        call = self.duplex(requests())
        for report in asked:
            next(call)
            every_second = OrcaLoadReportRequest()
            every_second.report_interval.seconds = 1
            stream = self.of(self.channel.unary_stream, "StreamCoreMetrics", OrcaLoadReport, REPORTING)(every_second)
            assert any(told == report_of(report) for told in stream)
            stream.cancel()
            confirmed.release()
        done.set()
        assert list(call) == []


def large():
    return SimpleRequest(response_size=LARGE_RESPONSE, payload=zeros(LARGE_REQUEST))


def fails(call, code):
    try:
        call()
    except grpc.RpcError as failure:
        assert failure.code() is code, failure
        return failure
    raise AssertionError(f"no failure, and {code} expected")


def main(descriptors, mode, *flags):
    load(descriptors)
    flags = dict(zip(flags[::2], flags[1::2]))
    if mode == "server":
        serve(flags["--port"], flags.get("--streams"))
        return 0
    client = Client(f"{flags['--host']}:{flags['--port']}")
    case = getattr(client, flags["--case"], None)
    if case is None:
        return 3
    case()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
