import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Runs the statements of a file in one JVM with a MiniCluster and waits for each job:
 * SqlRun FILE PARALLELISM [KEY=VALUE of Flink's configuration ...]. ${P_NAME} in the file is that variable of the environment.
 * Prints the peak of resident memory at the end.
 */
public class SqlRun {
  public static void main(String[] arguments) throws Exception {
    Configuration configuration = new Configuration();
    for (int i = 2; i < arguments.length; i++) {
      String[] setting = arguments[i].split("=", 2);
      configuration.setString(setting[0], setting[1]);
    }
    configuration.setString("parallelism.default", arguments[1]);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(Integer.parseInt(arguments[1]), configuration);
    StreamTableEnvironment tables = StreamTableEnvironment.create(
        environment, EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
    String text = Files.readString(Path.of(arguments[0])).replaceAll("(?m)^--.*$", "");
    for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
      if (variable.getKey().startsWith("P_")) {
        text = text.replace("${" + variable.getKey() + "}", variable.getValue());
      }
    }
    for (String statement : text.split(";\\s*\n")) {
      if (statement.isBlank()) continue;
      var result = tables.executeSql(statement.strip());
      if (statement.strip().startsWith("INSERT")) result.await();
    }
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS") || line.startsWith("VmHWM")) System.out.println(line.replaceAll("\\s+", " "));
    }
    System.out.flush();
    System.exit(0);
  }
}
