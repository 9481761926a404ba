-- Kafka JSON, the first of each event_id, campaigns by the minute. Wants P_BROKERS, P_TOPIC, P_WAREHOUSE.
CREATE TEMPORARY TABLE source (
  event_id STRING, ts TIMESTAMP_LTZ(3), user_id BIGINT, campaign_id INT, ad_id INT, country STRING, device STRING,
  event_type STRING, price DOUBLE, currency STRING, url STRING, geo ROW<lat DOUBLE, lon DOUBLE>,
  arrival AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka', 'topic' = '${P_TOPIC}', 'properties.bootstrap.servers' = '${P_BROKERS}',
  'properties.group.id' = 'flink-${P_TOPIC}', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset',
  'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'
);
CREATE CATALOG ice WITH ('type' = 'iceberg', 'catalog-type' = 'hadoop', 'warehouse' = 'file://${P_WAREHOUSE}');
CREATE DATABASE IF NOT EXISTS ice.bench;
CREATE TABLE ice.bench.events (campaign_id INT, window_start TIMESTAMP(6), n BIGINT, total DOUBLE) WITH (
  'format-version' = '2', 'write.format.default' = 'parquet', 'write.parquet.compression-codec' = 'zstd',
  'write.distribution-mode' = 'none'
);
CREATE TEMPORARY VIEW firsts AS
  SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY arrival ASC) AS nth FROM source)
  WHERE nth = 1;
INSERT INTO ice.bench.events
  SELECT campaign_id, CAST(window_start AS TIMESTAMP(6)), COUNT(*), SUM(price)
  FROM TABLE(TUMBLE(TABLE firsts, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
  GROUP BY campaign_id, window_start, window_end;
