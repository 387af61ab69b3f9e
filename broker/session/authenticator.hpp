#pragma once
// Authenticator: who may connect, and as whom. Asked once for each CONNECT, after the packet was found
// valid and before a session is looked for: for a verdict, or for an exchange that comes to one (enhanced
// authentication, MQTT 5 section 4.12). The interface is owned here; the composition root gives one.
// Threads: any shard.

#include "base/bytes.hpp"
#include "base/peer_address.hpp"
#include "base/telemetry.hpp"
#include "base/time.hpp"
#include "base/turn.hpp"
#include "delivery/live_session.hpp"
#include "session/rights.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::session {

/// What a client proved in the TLS handshake; empty what it did not.
struct TlsIdentity {
    std::string common_name;  ///< of its certificate, which one of our authorities has signed
    std::string fingerprint;  ///< SHA-256 of that certificate, hexadecimal in lower case
    std::string fingerprint_sha1;
    std::string psk_identity;
};

/// How a connection came in.
struct Origin {
    std::uint16_t listener = 0;        ///< which of the configuration's
    const TlsIdentity* tls = nullptr;  ///< null: it proved nothing
    bool is_secure = false;            ///< over TLS that ends here
};

/// As CONNECT has them; the views live as long as the call.
struct Credentials {
    std::string_view client_id;  ///< the one assigned, when the client left that to the server
    std::optional<std::string_view> user_name;
    std::optional<ByteView> password;
    PeerAddress peer;
    const TlsIdentity* tls = nullptr;  ///< null: it proved nothing
    std::uint16_t listener = 0;        ///< which of the configuration's it came in by
    bool is_secure = false;            ///< over TLS that ends here
    std::uint8_t protocol_level = 0;   ///< as its CONNECT says it: 3, 4, 5
};

/// Whom a connection speaks for.
struct Principal {
    /// The key of its session: a device is one, whatever its Client Identifier says. Empty: that.
    std::string session_key;
    /// Who it is: a user, a certificate's name; empty: nobody. Its sessions are nobody else's.
    std::string user_name;
    RightsPtr rights;       ///< null: everything but what is the platform's
    std::string device_id;              ///< empty: no device
    std::uint64_t device_number = 0;    ///< of this device, not of one that had the id before
    delivery::DeviceFeedPtr feed;       ///< its messages; null: no device
    Instant valid_until = never;        ///< then the connection ends
    [[nodiscard]] bool is_device() const { return !device_id.empty(); }
};

struct Verdict {
    /// bad_credentials, token_expired, not_authorized, client_identifier_not_valid, too_many_logins,
    /// authenticator_unavailable, store_failed; of an exchange also bad_authentication_method,
    /// protocol_error and banned. Empty: let in.
    std::optional<CloseReason> refusal;
    std::string detail;  ///< one sentence for the log, never for the peer
    Principal principal;
};

/// What a client's message in an exchange led to.
struct ExchangeStep {
    std::string data;                ///< Authentication Data for the client
    std::optional<Verdict> verdict;  ///< empty: the client must say more
};

/// A conversation in which a client proves who it is (MQTT 5 section 4.12). Its connection owns it and uses
/// it on its shard, until there is a verdict.
class AuthenticationExchange {
public:
    virtual ~AuthenticationExchange() = default;
    /// The client's next message; the first one is that of CONNECT, or of the AUTH that begins anew.
    [[nodiscard]] virtual ExchangeStep step(ByteView data) = 0;
    /// Who the client says it is, and guesses are counted by; empty: it has not said it yet.
    [[nodiscard]] virtual std::string_view user_name() const = 0;
};
using AuthenticationExchangePtr = std::unique_ptr<AuthenticationExchange>;

class Authenticator {
public:
    virtual ~Authenticator() = default;
    /// `done` runs once, on this shard and in a turn of it, perhaps inside the call.
    virtual void authenticate(const Credentials& credentials, Turn& turn,
                              std::function<void(Verdict)> done) = 0;
    /// Whether the verdict still holds, asked once a device's session is attached: who froze or deleted
    /// it meanwhile found no connection to end. `done` as above.
    virtual void confirm(const Principal& device, Turn& turn, std::function<void(bool)> done) = 0;
    /// Of a CONNECT that names an Authentication Method, or a client that authenticates anew; its password
    /// is not looked at. Null: that client is not offered the method.
    [[nodiscard]] virtual AuthenticationExchangePtr begin_exchange(std::string_view /*method*/,
                                                                   const Credentials& /*of*/) {
        return nullptr;
    }
};

}  // namespace holdfast::session
