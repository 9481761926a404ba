-- Kafka JSON to an Iceberg table, exactly once. Wants P_BROKERS, P_TOPIC, P_WAREHOUSE.
CREATE TEMPORARY TABLE source (
  event_id STRING, ts TIMESTAMP_LTZ(3), user_id BIGINT, campaign_id INT, ad_id INT, country STRING, device STRING,
  event_type STRING, price DOUBLE, currency STRING, url STRING, geo ROW<lat DOUBLE, lon DOUBLE>
) WITH (
  'connector' = 'kafka', 'topic' = '${P_TOPIC}', 'properties.bootstrap.servers' = '${P_BROKERS}',
  'properties.group.id' = 'flink-${P_TOPIC}', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);
CREATE CATALOG ice WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop', 'warehouse' = 'file://${P_WAREHOUSE}');
CREATE DATABASE IF NOT EXISTS ice.bench;
CREATE TABLE ice.bench.events (
  event_id STRING, ts TIMESTAMP_LTZ(6), user_id BIGINT, campaign_id INT, ad_id INT, country STRING, device STRING,
  event_type STRING, price DOUBLE, currency STRING, url STRING, geo ROW<lat DOUBLE, lon DOUBLE>
) WITH (
  'format-version' = '2', 'write.format.default' = 'parquet', 'write.parquet.compression-codec' = 'zstd',
  'write.distribution-mode' = 'none'
);
INSERT INTO ice.bench.events SELECT * FROM source;
