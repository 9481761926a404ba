import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.parquet.Parquet;

/**
 * One turn of Iceberg's own Java catalog at a Weir warehouse: JdbcCatalogTurn WAREHOUSE NAMESPACE [TABLE [TURN...]]
 *
 * <p>Prints each table of the namespace with its rows, a digest of all their values, format version and snapshots. With TABLE it then takes
 * the turns, one after another: "own" sets a property, "append" appends a copy of one row, "rollback" goes back by one snapshot, "expire" keeps
 * the newest snapshot only. Without turns: own, append.
 */
public final class JdbcCatalogTurn {
  public static void main(String[] arguments) throws IOException {
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.setConf(new Configuration());
    catalog.initialize("weir", Map.of("uri", "jdbc:sqlite:" + arguments[0] + "/catalog.db", "warehouse", "file://" + arguments[0],
        "io-impl", "org.apache.iceberg.hadoop.HadoopFileIO"));
    for (TableIdentifier name : catalog.listTables(Namespace.of(arguments[1]))) {
      Table table = catalog.loadTable(name);
      long[] rows = rowsAndDigest(table);
      System.out.printf("%s rows=%d digest=%d format=%d snapshots=%d%n", name, rows[0], rows[1],
          ((BaseTable) table).operations().current().formatVersion(), table.history().size());
    }
    if (arguments.length < 3) return;
    Table table = catalog.loadTable(TableIdentifier.of(arguments[1], arguments[2]));
    String[] turns = arguments.length > 3 ? Arrays.copyOfRange(arguments, 3, arguments.length) : new String[] {"own", "append"};
    for (String turn : turns) {
      switch (turn) {
        case "own" -> table.updateProperties().set("owner", "java").commit();
        case "append" -> appendOne(table);
        case "rollback" -> table.manageSnapshots().rollbackTo(table.currentSnapshot().parentId()).commit();
        case "expire" -> table.expireSnapshots().expireOlderThan(System.currentTimeMillis() + 1).retainLast(1).commit();
        default -> throw new IllegalArgumentException(turn);
      }
      table.refresh();
    }
    catalog.close();
  }

  private static long[] rowsAndDigest(Table table) throws IOException {
    long count = 0;
    long digest = 0;
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      for (Record record : records) {
        count++;
        for (int field = 0; field < record.size(); field++) digest = digest * 31 + Arrays.deepHashCode(new Object[] {plain(record.get(field))});
      }
    }
    return new long[] {count, digest};
  }

  /** Bytes compare by their content, not by where they are. */
  private static Object plain(Object value) {
    return value instanceof ByteBuffer buffer ? buffer.hashCode() : value;
  }

  private static void appendOne(Table table) throws IOException {
    Record record;
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      record = records.iterator().next().copy();
    }
    PartitionKey partition = new PartitionKey(table.spec(), table.schema());
    partition.partition(new InternalRecordWrapper(table.schema().asStruct()).wrap(record));
    record.setField("src_topic", "elsewhere");
    OutputFile file = table.io().newOutputFile(table.locationProvider().newDataLocation(table.spec(), partition, UUID.randomUUID() + ".parquet"));
    DataWriter<Record> writer = Parquet.writeData(file).schema(table.schema()).withSpec(table.spec()).withPartition(partition)
        .createWriterFunc(GenericParquetWriter::create).build();
    try (writer) {
      writer.write(record);
    }
    table.newAppend().appendFile(writer.toDataFile()).commit();
  }
}
