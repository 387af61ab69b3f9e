// Posts a message for a device, signed with an access key (SDK-HMAC-SHA256). Java 17 or newer, nothing else:
//   AK=... SK=... PROJECT=... java PostMessage.java 127.0.0.1:8080 pump-7 'open valve 2'

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class PostMessage {
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String hash(String text) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(text)));
    }

    static String hmac(String key, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(bytes(key), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(bytes(text)));
    }

    /** The header Authorization. The client sets Host by itself, to what the URL says. */
    static String authorization(String method, String host, String path, String date, String body) throws Exception {
        String canonical = method + "\n" + path + "/\n\nhost:" + host + "\nx-sdk-date:" + date
                + "\n\nhost;x-sdk-date\n" + hash(body);
        String signature = hmac(System.getenv("SK"), "SDK-HMAC-SHA256\n" + date + "\n" + hash(canonical));
        return "SDK-HMAC-SHA256 Access=" + System.getenv("AK")
                + ", SignedHeaders=host;x-sdk-date, Signature=" + signature;
    }

    static String jsonText(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        String path = "/v5/iot/" + System.getenv("PROJECT") + "/devices/" + arguments[1] + "/messages";
        String body = "{\"message\": " + jsonText(arguments[2]) + "}";
        String date = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'"));
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + host + path))
                .header("Content-Type", "application/json")
                .header("X-Sdk-Date", date)
                .header("Authorization", authorization("POST", host, path, date, body))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        // HTTP/1.1: the server does not speak HTTP/2, and need not be asked to upgrade.
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode());
        System.out.print(answer.body());
    }
}
