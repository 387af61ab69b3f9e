#pragma once
// EnhancedAuthentication: what a connection keeps whose CONNECT named an Authentication Method: the method,
// whom the client proved to be, and the exchange that is under way, be it that of CONNECT or a
// re-authentication. Says what the client's messages lead to and tells the Guard about guesses; the packets
// are its connection's matter. MQTT 5 section 4.12.
// Threads, lifetime: its connection's. Errors: a refusal in the step's verdict.

#include "base/bytes.hpp"
#include "base/peer_address.hpp"
#include "base/time.hpp"
#include "base/turn.hpp"
#include "codec/framer.hpp"
#include "session/authenticator.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::session {

class Guard;

class EnhancedAuthentication {
public:
    explicit EnhancedAuthentication(std::string_view method) : method_(method) {}

    /// As CONNECT named it; every AUTH names the same.
    [[nodiscard]] const std::string& method() const { return method_; }
    /// Whom the client proved to be, the first time; empty: nobody yet.
    [[nodiscard]] const std::optional<std::string>& user_name() const { return user_name_; }

    void begin(AuthenticationExchangePtr exchange, Instant until);
    [[nodiscard]] bool is_under_way() const { return attempt_ != nullptr; }
    /// When the exchange under way must be over; never: there is none.
    [[nodiscard]] Instant until() const { return attempt_ ? attempt_->until : never; }

    /// The client's next message; only while an exchange is under way, which a verdict ends. Who is banned,
    /// or proves to be somebody else than before, is refused. `guard` may be null.
    [[nodiscard]] ExchangeStep step(ByteView data, Guard* guard, const PeerAddress& peer,
                                    Turn& turn);
    /// The connection ends, and with it what is under way. Idempotent.
    void abandon(Guard* guard, const PeerAddress& peer, Turn& turn);

    /// CONNECT waits here for the end of its exchange.
    struct KeptConnect {
        Byte first_byte = 0;
        ByteBuffer body;
        /// Lives as long as this.
        [[nodiscard]] codec::Frame frame() const;
    };
    void keep_connect(const codec::Frame& frame);
    [[nodiscard]] KeptConnect take_connect();

private:
    struct Attempt {
        AuthenticationExchangePtr exchange;
        Instant until;
        std::optional<std::string>
            guarded_name;  ///< the guard waits to be told; empty: it was not asked
    };
    [[nodiscard]] bool is_banned(Guard* guard, const PeerAddress& peer, Instant now);
    void end(const Verdict& verdict, Guard* guard, const PeerAddress& peer, Turn& turn);

    std::string method_;
    std::optional<std::string> user_name_;
    std::unique_ptr<Attempt> attempt_;
    std::unique_ptr<KeptConnect> connect_;  ///< null after CONNACK
};

}  // namespace holdfast::session
