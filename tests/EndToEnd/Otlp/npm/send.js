// Sends numbered log records by OTLP/gRPC: node send.js URL COUNT. Exits with 1 where the exporter reports a failure.
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';

const [url, count] = process.argv.slice(2);
const exporter = new OTLPLogExporter({ url, compression: process.env.COMPRESSION ?? 'none' });
const send = exporter.export.bind(exporter);
let failed = null;
exporter.export = (records, done) => send(records, (result) => {
  failed = result.error ?? failed;
  done(result);
});

const provider = new LoggerProvider({
  resource: resourceFromAttributes({ 'service.name': 'npm-shop', 'host.name': 'npm-host' }),
  processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: 1_000_000 })],
});
const logger = provider.getLogger('npm.orders', '1.2.3');
for (let order = 1; order <= Number(count); order++) {
  logger.emit({
    severityNumber: SeverityNumber.ERROR,
    severityText: 'ERROR',
    body: `npm order ${order} is lost`,
    attributes: { order, customer: { name: 'zoë' } },
  });
}

await provider.shutdown();
if (failed) {
  console.error(failed);
  process.exit(1);
}
