// TLS clients against any broker: how long until so many are in, how many handshakes a second, what it costs
// the broker, and what a message through TLS costs it. Prints one line of JSON.
//
//   load_tls PORT AUTHORITY.pem --pid PID [--clients N] [--at-once N] [--resume 1] [--hold SECONDS]
//   load_tls PORT AUTHORITY.pem --pid PID --messages N [--publishers N] [--qos 0|1]
//
// With --resume each client comes a second time with the ticket of the first, and only that time counts.

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    int port = 0;
    std::string authority;
    std::map<std::string, long> numbers{{"pid", 0},      {"clients", 1000}, {"at-once", 100},
                                        {"resume", 0},   {"hold", 0},       {"messages", 0},
                                        {"publishers", 50}, {"qos", 0}};
    long operator[](const std::string& name) const { return numbers.at(name); }
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds(long pid) {
    std::ifstream stream{"/proc/" + std::to_string(pid) + "/stat"};
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    std::istringstream fields{text.substr(text.rfind(')') + 2)};
    std::string field;
    long ticks = 0;
    for (int i = 3; fields >> field; ++i) {
        if (i == 14 || i == 15) ticks += std::stol(field);
    }
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long private_kib(long pid, const char* name) {
    std::ifstream stream{"/proc/" + std::to_string(pid) + "/smaps_rollup"};
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with(name)) return std::stol(line.substr(std::strlen(name) + 1));
    }
    return 0;
}

std::string packet(unsigned char first, const std::string& body) {
    std::string text(1, static_cast<char>(first));
    std::size_t left = body.size();
    do {
        text += static_cast<char>((left % 128) | (left >= 128 ? 128 : 0));
        left /= 128;
    } while (left != 0);
    return text + body;
}
std::string field(const std::string& text) {
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} + text;
}
std::string connect_packet(const std::string& client_id) {
    return packet(0x10, field("MQTT") + std::string("\4\2\0\0", 4) + field(client_id));
}

class Client {
public:
    enum class State { connecting, greeting, connected, failed };

    void begin(SSL_CTX* context, int port, std::string client_id, SSL_SESSION* ticket) {
        client_id_ = std::move(client_id);
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int on = 1;
        ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        // Spread over source addresses: one has too few ports that are not waiting.
        sockaddr_in from{};
        from.sin_family = AF_INET;
        from.sin_addr.s_addr = htonl(0x7F000001U + static_cast<unsigned>(descriptor_ % 200));
        ::bind(descriptor_, reinterpret_cast<sockaddr*>(&from), sizeof from);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to);
        ssl_ = SSL_new(context);
        SSL_set_fd(ssl_, descriptor_);
        SSL_set_connect_state(ssl_);
        SSL_set_tlsext_host_name(ssl_, "localhost");
        if (ticket != nullptr) SSL_set_session(ssl_, ticket);
        state_ = State::connecting;
    }
    /// Goes on as far as it can.
    State go_on() {
        if (state_ == State::connecting) {
            const int result = SSL_do_handshake(ssl_);
            if (result == 1) {
                const std::string connect = connect_packet(client_id_);
                SSL_write(ssl_, connect.data(), static_cast<int>(connect.size()));
                state_ = State::greeting;
            } else {
                const int error = SSL_get_error(ssl_, result);
                if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) state_ = State::failed;
                ERR_clear_error();
            }
        }
        if (state_ == State::greeting) {
            unsigned char answer[4];
            const int got = SSL_read(ssl_, answer, sizeof answer);
            if (got == 4) state_ = answer[3] == 0 ? State::connected : State::failed;
            if (got <= 0 && SSL_get_error(ssl_, got) != SSL_ERROR_WANT_READ) state_ = State::failed;
            ERR_clear_error();
        }
        return state_;
    }
    void end() {
        if (ssl_ != nullptr) {
            SSL_shutdown(ssl_);  // without it the session is not resumed
            SSL_free(ssl_);
        }
        if (descriptor_ >= 0) ::close(descriptor_);
        ssl_ = nullptr;
        descriptor_ = -1;
    }
    /// False: the socket is full.
    bool send(const std::string& bytes) {
        if (!unsent_.empty()) return false;
        const int sent = SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
        if (sent > 0) return true;
        unsent_ = bytes;
        ERR_clear_error();
        return true;
    }
    void send_rest() {
        if (unsent_.empty()) return;
        if (SSL_write(ssl_, unsent_.data(), static_cast<int>(unsent_.size())) > 0) unsent_.clear();
        ERR_clear_error();
    }
    /// Bytes of what has come.
    std::string receive() {
        std::string text;
        char part[16 * 1024];
        for (int got = 0; (got = SSL_read(ssl_, part, sizeof part)) > 0;) {
            text.append(part, static_cast<std::size_t>(got));
        }
        ERR_clear_error();
        return text;
    }
    [[nodiscard]] bool is_full() const { return !unsent_.empty(); }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] SSL* ssl() const { return ssl_; }

private:
    SSL* ssl_ = nullptr;
    int descriptor_ = -1;
    State state_ = State::connecting;
    std::string client_id_;
    std::string unsent_;
};

struct Result {
    double seconds = 0;
    double cpu = 0;
    long failed = 0;
    long resumed = 0;
};

/// Brings all of them in, `at_once` at a time.
Result bring_in(std::vector<Client>& clients, SSL_CTX* context, const Options& options,
                const std::vector<SSL_SESSION*>& tickets) {
    const int epoll = ::epoll_create1(0);
    const double cpu_before = cpu_seconds(options["pid"]);
    const auto start = Clock::now();
    std::size_t begun = 0;
    std::size_t settled = 0;
    Result result;
    std::vector<epoll_event> events(256);
    std::vector<bool> is_settled(clients.size());
    const auto begin_next = [&] {
        Client& client = clients[begun];
        client.begin(context, options.port, "tls-" + std::to_string(begun),
                     tickets.empty() ? nullptr : tickets[begun]);
        epoll_event wanted{};
        wanted.events = EPOLLIN | EPOLLOUT | EPOLLET;
        wanted.data.u64 = begun++;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, client.descriptor(), &wanted);
    };
    while (settled < clients.size()) {
        while (begun < clients.size() && begun - settled < static_cast<std::size_t>(options["at-once"])) {
            begin_next();
        }
        const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 1000);
        for (int i = 0; i < count; ++i) {
            const std::size_t index = events[static_cast<std::size_t>(i)].data.u64;
            if (is_settled[index]) continue;
            const Client::State state = clients[index].go_on();
            if (state != Client::State::connected && state != Client::State::failed) continue;
            is_settled[index] = true;
            ++settled;
            if (state == Client::State::failed) ++result.failed;
            if (state == Client::State::connected && SSL_session_reused(clients[index].ssl()) == 1) {
                ++result.resumed;
            }
        }
    }
    result.seconds = seconds_since(start);
    result.cpu = cpu_seconds(options["pid"]) - cpu_before;
    ::close(epoll);
    return result;
}

void connect_all(SSL_CTX* context, const Options& options) {
    const long before = private_kib(options["pid"], "Private_Dirty:");
    std::vector<Client> clients(static_cast<std::size_t>(options["clients"]));
    Result result = bring_in(clients, context, options, {});
    if (options["resume"] != 0) {
        std::vector<SSL_SESSION*> tickets;
        for (Client& client : clients) {
            static_cast<void>(client.receive());
            tickets.push_back(SSL_get1_session(client.ssl()));
            client.end();
        }
        ::sleep(2);
        result = bring_in(clients, context, options, tickets);
    }
    ::sleep(static_cast<unsigned>(options["hold"]) + 1);
    const double count = static_cast<double>(options["clients"]);
    const long after = private_kib(options["pid"], "Private_Dirty:");
    std::printf("{\"clients\":%ld,\"failed\":%ld,\"resumed\":%ld,\"seconds\":%.3f,\"per_s\":%.0f,"
                "\"cpu_us_per_client\":%.1f,\"bytes_per_client\":%.0f}\n",
                options["clients"], result.failed, result.resumed, result.seconds,
                count / result.seconds, result.cpu * 1e6 / count,
                static_cast<double>(after - before) * 1024 / count);
}

/// Publishers to one subscriber, 200 bytes each, a message per write; at most 2,000 on the way.
void publish(SSL_CTX* context, const Options& options) {
    std::vector<Client> clients(static_cast<std::size_t>(options["publishers"]) + 1);
    static_cast<void>(bring_in(clients, context, options, {}));
    Client& subscriber = clients.back();
    const char qos = static_cast<char>(options["qos"]);
    subscriber.send(packet(0x82, std::string("\0\1", 2) + field("t") + qos));
    std::string got;
    while (got.size() < 5) got += subscriber.receive();
    got.clear();
    const long wanted = options["messages"];
    const long window = 2000;
    long sent = 0;
    long received = 0;
    std::size_t next = 0;
    const double cpu_before = cpu_seconds(options["pid"]);
    const auto start = Clock::now();
    while (received < wanted && seconds_since(start) < 120) {
        for (int i = 0; i < 64 && sent < wanted && sent - received < window; ++i) {
            Client& publisher = clients[next];
            next = (next + 1) % (clients.size() - 1);
            publisher.send_rest();
            if (publisher.is_full()) continue;
            std::string body = field("t");
            if (qos > 0) body += std::string{static_cast<char>(sent % 250), 1};
            publisher.send(packet(static_cast<unsigned char>(0x30 | qos << 1), body + std::string(200, 'x')));
            ++sent;
        }
        if (qos > 0) {
            for (std::size_t i = 0; i + 1 < clients.size(); i += 5) static_cast<void>(clients[i].receive());
        }
        got += subscriber.receive();
        std::size_t at = 0;
        const std::size_t size = qos > 0 ? 3 + 3 + 2 + 200 : 3 + 3 + 200;
        std::string answers;
        for (; got.size() - at >= size; at += size) {
            ++received;
            if (qos > 0) answers += packet(0x40, got.substr(at + 6, 2));
        }
        got.erase(0, at);
        subscriber.send_rest();
        if (!answers.empty()) subscriber.send(answers);
    }
    const double seconds = seconds_since(start);
    std::printf("{\"messages\":%ld,\"received\":%ld,\"per_s\":%.0f,\"cpu_us_per_message\":%.2f}\n", sent,
                received, static_cast<double>(received) / seconds,
                (cpu_seconds(options["pid"]) - cpu_before) * 1e6 / static_cast<double>(received));
}

}  // namespace

int main(int count, char** words) {
    if (count < 3 || count % 2 == 0) {
        std::fprintf(stderr, "load_tls PORT AUTHORITY.pem [--NAME VALUE]...\n");
        return 2;
    }
    Options options;
    options.port = std::atoi(words[1]);
    options.authority = words[2];
    for (int i = 3; i + 1 < count; i += 2) options.numbers[words[i] + 2] = std::atol(words[i + 1]);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_load_verify_locations(context, options.authority.c_str(), nullptr);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (options["messages"] != 0) {
        publish(context, options);
    } else {
        connect_all(context, options);
    }
    SSL_CTX_free(context);
    return 0;
}
