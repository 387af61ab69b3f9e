#pragma once
// DeviceLogin: the Authenticator of the platform. A CONNECT with a user name is a device's and must prove
// it (the platform's contract, log-in of devices); one without is a plain client, let in only if the
// configuration allows anonymous clients.
//
//   ClientId   {device_id}_0_{signature type}_{YYYYMMDDHH}      split from the right
//   User Name  {device_id}
//   Password   hexadecimal HMAC-SHA256(key: the timestamp, data: the secret), primary or secondary secret
//
// A device of AuthType::certificates proves itself in the TLS handshake: its certificate has one of its two
// fingerprints, or is the first to come without a primary fingerprint, which is that one's from then on. Its
// password and timestamp are nobody's business. A device with is_secure_access comes over TLS only.
//
// A device has one session, whatever hour its ClientId names: the session's key is the device id behind
// device_session_prefix, which no Client Identifier of a client without a device can have.
// What is told to the peer does not say whether the device, its secret or its clock is wrong.
// Threads: any shard. Lifetime: catalogue, clock and feed outlive it.

#include "base/environment.hpp"
#include "delivery/delivery.hpp"
#include "delivery/live_session.hpp"
#include "session/authenticator.hpp"
#include "store/catalogue.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

/// U+0001: no Client Identifier may be used as a key with it in front. DeviceLogin refuses those of plain
/// clients that begin with it.
inline constexpr std::string_view device_session_prefix =
    "\x01"
    "device/";
/// The key of the device's session.
[[nodiscard]] inline std::string device_session_key(std::string_view device_id) {
    return std::string{device_session_prefix}.append(device_id);
}

enum class SignatureType : std::uint8_t {
    unchecked_time = 0,  ///< any timestamp: for devices without a clock
    checked_time = 1,    ///< the hour it is, or one beside it
};

/// A Client Identifier of a device in its parts; views of it.
struct DeviceClientId {
    std::string_view device_id;
    SignatureType signature_type = SignatureType::unchecked_time;
    std::string_view timestamp;
};
/// Empty: it has not the form.
[[nodiscard]] std::optional<DeviceClientId> parse_device_client_id(std::string_view client_id);

/// The password that proves the secret: 64 hexadecimal digits in lower case.
[[nodiscard]] std::string device_password(std::string_view timestamp, std::string_view secret);

/// `timestamp` names the hour of `now`, UTC, or the one before or after it.
[[nodiscard]] bool is_about_now(std::string_view timestamp, WallTime now);

class DeviceLogin final : public session::Authenticator {
public:
    struct Context {
        store::Catalogue& catalogue;
        const Clock& clock;
        /// Delivery::feed.
        std::function<delivery::DeviceFeedPtr(delivery::DeviceRef)> feed;
        bool allow_anonymous = false;
        /// What it may do by its policies; empty: nobody asks.
        std::function<session::RightsPtr(const store::Device&)> rights{};
    };
    explicit DeviceLogin(Context context);

    void authenticate(const session::Credentials& credentials, Turn& turn,
                      std::function<void(session::Verdict)> done) override;
    void confirm(const session::Principal& device, Turn& turn,
                 std::function<void(bool)> done) override;

private:
    /// What is known of a CONNECT when its device is looked for.
    struct Claim {
        std::string device_id;
        std::string timestamp;
        std::optional<std::string> password;
        SignatureType signature_type;
        bool is_secure;
        std::string fingerprint;  ///< of its certificate, SHA-256; empty: it has none
        std::string fingerprint_sha1;
    };
    using Done = std::function<void(session::Verdict)>;

    [[nodiscard]] session::Verdict judge_plain_client(
        const session::Credentials& credentials) const;
    [[nodiscard]] static Claim claim_of(const session::Credentials& credentials,
                                        const DeviceClientId& client_id);
    [[nodiscard]] static bool has_fingerprint(const Claim& claim, const std::string& fingerprint);
    void judge(const Claim& claim, const store::Device& device, store::Executor& executor,
               const Done& done) const;
    [[nodiscard]] session::Verdict judge_secret(const Claim& claim,
                                                const store::Device& device) const;
    [[nodiscard]] session::Verdict judge_certificate(const Claim& claim,
                                                     const store::Device& device) const;
    void learn_certificate(const Claim& claim, const store::Device& device,
                           store::Executor& executor, const Done& done) const;
    [[nodiscard]] session::Verdict admit(const Claim& claim, const store::Device& device) const;
    void note_activation(const store::Device& device, store::Executor& executor) const;

    const Context context_;
};

}  // namespace holdfast
