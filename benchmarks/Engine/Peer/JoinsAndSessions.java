import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;

/**
 * The rows of the driver benchmark that the peer's program lacks, on Kafka Streams' own test driver: stream-table join and session count, no cache.
 *
 * java -cp JARS JoinsAndSessions.java SECONDS RUNS VALUE-BYTES ROW...   prints a line for each row and run, as the peer's program does.
 */
public final class JoinsAndSessions {
    private static final int WARM_UP = 50_000;
    private static final int BATCH = 1_000;
    private static final long RECORDS_MAX = 2_000_000;
    private static final long FIRST_TIME = 1_000_000;

    public static void main(String[] args) throws Exception {
        long seconds = Long.parseLong(args[0]);
        int runs = Integer.parseInt(args[1]);
        int valueBytes = Integer.parseInt(args[2]);
        for (int i = 3; i < args.length; i++)
            for (int keys : new int[] {1_000, 100_000})
                for (int run = 1; run <= runs; run++)
                    measure(args[i], keys, run, seconds, valueBytes);
    }

    private static void measure(String row, int keyCount, int run, long seconds, int valueBytes) throws Exception {
        Random random = new Random(42);
        String[] keys = IntStream.range(0, keyCount).mapToObj(i -> String.format(Locale.ROOT, "key-%07d", i)).toArray(String[]::new);
        String[] values = values(valueBytes, random);
        Path folder = stateFolder();
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);

        try (TopologyTestDriver driver = new TopologyTestDriver(topology(row).build(settings), settings, Instant.EPOCH)) {
            Map<?, ?> outputs = outputs(driver);
            if (row.startsWith("join"))
                fill(driver, keys, values, outputs);
            TestInputTopic<String, String> input = driver.createInputTopic("in", new StringSerializer(), new StringSerializer());

            long piped = 0;
            while (piped < WARM_UP)
                piped = pipe(input, keys, values, random, piped, outputs);

            System.gc();
            com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            long allocated = threads.getCurrentThreadAllocatedBytes();
            long cpu = cpuNanos();
            long start = System.nanoTime();
            while (piped - WARM_UP < RECORDS_MAX && System.nanoTime() - start < seconds * 1_000_000_000L)
                piped = pipe(input, keys, values, random, piped, outputs);

            long records = piped - WARM_UP;
            System.out.printf(Locale.ROOT, "bench driver-%s - run=%d records=%d records_per_s=%.0f cpu_s_per_million=%.2f keys=%d allocated_bytes_per_record=%d%n",
                row, run, records, records * 1e9 / (System.nanoTime() - start), (cpuNanos() - cpu) / 1e3 / records, keyCount,
                (threads.getCurrentThreadAllocatedBytes() - allocated) / records);
        } finally {
            delete(folder);
        }
    }

    private static StreamsBuilder topology(String row) {
        DslStoreSuppliers stores = row.endsWith("-rocksdb") ? BuiltInDslStoreSuppliers.ROCKS_DB : BuiltInDslStoreSuppliers.IN_MEMORY;
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> stream = builder.stream("in");
        if (row.startsWith("join")) {
            Materialized<String, String, KeyValueStore<Bytes, byte[]>> store = Materialized.as("store");
            KTable<String, String> table = builder.table("table", store.withStoreType(stores).withCachingDisabled());
            stream.join(table, (left, right) -> left).to("out");
        } else if (row.startsWith("session")) {
            Materialized<String, Long, SessionStore<Bytes, byte[]>> store = Materialized.as("store");
            stream.groupByKey()
                .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(Duration.ofSeconds(1)))
                .count(store.withStoreType(stores).withCachingDisabled())
                .toStream()
                .to("out", Produced.with(WindowedSerdes.sessionWindowedSerdeFrom(String.class), Serdes.Long()));
        } else {
            throw new IllegalArgumentException("no row " + row);
        }
        return builder;
    }

    private static void fill(TopologyTestDriver driver, String[] keys, String[] values, Map<?, ?> outputs) {
        TestInputTopic<String, String> table = driver.createInputTopic("table", new StringSerializer(), new StringSerializer());
        for (int i = 0; i < keys.length; i++) {
            table.pipeInput(keys[i], values[i % values.length], FIRST_TIME);
            if (i % BATCH == 0)
                outputs.clear();
        }
    }

    private static long pipe(TestInputTopic<String, String> input, String[] keys, String[] values, Random random, long from, Map<?, ?> outputs) {
        for (int i = 0; i < BATCH; i++)
            input.pipeInput(keys[random.nextInt(keys.length)], values[random.nextInt(values.length)], FIRST_TIME + from + i);
        outputs.clear();
        return from + BATCH;
    }

    private static String[] values(int bytes, Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 1; i < bytes; i++)
            text.append((char) ('a' + random.nextInt(26)));
        String[] values = new String[10];
        for (int i = 0; i < values.length; i++)
            values[i] = i + text.toString();
        return values;
    }

    /** What the driver has captured. Nobody reads it here, and its growth is not what is measured. */
    private static Map<?, ?> outputs(TopologyTestDriver driver) throws ReflectiveOperationException {
        Field field = TopologyTestDriver.class.getDeclaredField("outputRecordsByTopic");
        field.setAccessible(true);
        return (Map<?, ?>) field.get(driver);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** In memory where there is such a folder: the driver commits after every record, which a disk would make the measure. */
    private static Path stateFolder() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? Files.createTempDirectory(memory, "bench") : Files.createTempDirectory("bench");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList())
                Files.delete(path);
        }
    }
}
