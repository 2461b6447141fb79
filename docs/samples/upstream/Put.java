import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** An account is put, paid and read, with the JDK alone (17 or newer): java Put.java */
public class Put {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static final String URL = System.getenv("CONTRAPUNTO_URL");
    static final String TOKEN = System.getenv("CONTRAPUNTO_TOKEN");

    static String ask(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(URL + path))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .method(method, body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 300) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return answer.body();
    }

    public static void main(String[] arguments) throws Exception {
        String there = "/v1/accounts/banco-andino/S-4";
        String account = """
            {"customer_id": "SC-4", "currency": "COP", "balance": "450000.00", "oldest_due_date": "%s",
             "name": "Ines Duarte", "country": "CO", "mobile": "+573990000104", "consents": ["sms"]}
            """.formatted(LocalDate.now(ZoneOffset.UTC).minusDays(20));
        System.out.println(ask("PUT", there, account, "Idempotency-Key", "core-S-4-1"));
        System.out.println(ask("POST", there + "/payments", "{\"id\": \"pay-S-4\", \"amount\": \"50000.00\"}"));
        System.out.println(ask("GET", there, null));
    }
}
