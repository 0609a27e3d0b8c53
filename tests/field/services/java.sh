# shellcheck shell=bash disable=SC2034
PACKAGES='openjdk-17-jdk-headless wrk'
HOW='OpenJDK 17, HttpServer, direct buffers and zip; wrk'
start() {
	cat >"$DIR/Server.java" <<'END'
import com.sun.net.httpserver.*;
import java.io.*;
import java.net.*;
import java.nio.*;
import java.util.zip.*;

public class Server {
	static void answer(HttpExchange e) throws IOException {
		ByteBuffer direct = ByteBuffer.allocateDirect(65536);
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		GZIPOutputStream zip = new GZIPOutputStream(out);
		byte[] page = new byte[direct.capacity() / 4];
		zip.write(page);
		zip.close();
		e.sendResponseHeaders(200, out.size());
		e.getResponseBody().write(out.toByteArray());
		e.close();
	}

	public static void main(String[] args) throws IOException {
		HttpServer s = HttpServer.create(new InetSocketAddress(
			"127.0.0.1", Integer.parseInt(args[0])), 0);
		s.createContext("/", Server::answer);
		s.start();
	}
}
END
	serve java -Xmx128m -cp "$DIR" "$DIR/Server.java" "$PORT"
	wait_for listens "$PORT"
}
load() {
	generate_http "http://127.0.0.1:$PORT/"
}
errors() {
	http_errors
}
