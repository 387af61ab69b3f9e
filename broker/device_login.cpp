#include "device_login.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/hmac.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace holdfast {

using session::Credentials;
using session::Verdict;

namespace {

constexpr std::size_t device_id_bytes_max = 128;
constexpr std::size_t timestamp_digits = 10;  // YYYYMMDDHH
constexpr std::string_view identity_device_id = "0";

bool is_of_device_id(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes what is behind the last '_' off the end. Empty: there is none.
std::optional<std::string_view> take_last_part(std::string_view& text) {
    const std::size_t at = text.rfind('_');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view part = text.substr(at + 1);
    text = text.substr(0, at);
    return part;
}

unsigned number_at(std::string_view digits, std::size_t at, std::size_t count) {
    unsigned number = 0;
    std::from_chars(digits.data() + at, digits.data() + at + count, number);
    return number;
}

/// One sentence for the log; `what` completes "the device X ...".
Verdict refusal(CloseReason reason, std::string_view device_id, std::string_view what) {
    std::string detail = "the device ";
    detail.append(device_id).append(" ").append(what);
    return {reason, std::move(detail), {}};
}

}  // namespace

std::optional<DeviceClientId> parse_device_client_id(std::string_view client_id) {
    const auto timestamp = take_last_part(client_id);
    const auto type = take_last_part(client_id);
    const auto identity = take_last_part(client_id);
    if (!timestamp || !type || identity != identity_device_id) return std::nullopt;
    if (timestamp->size() != timestamp_digits || !std::ranges::all_of(*timestamp, is_digit) ||
        client_id.empty() || client_id.size() > device_id_bytes_max ||
        !std::ranges::all_of(client_id, is_of_device_id)) {
        return std::nullopt;
    }
    DeviceClientId parts{client_id, SignatureType::unchecked_time, *timestamp};
    if (type == "0") return parts;
    if (type != "1") return std::nullopt;
    parts.signature_type = SignatureType::checked_time;
    return parts;
}

std::string device_password(std::string_view timestamp, std::string_view secret) {
    return to_hex(HmacKey{timestamp}.mac(secret));
}

bool is_about_now(std::string_view timestamp, WallTime now) {
    if (timestamp.size() != timestamp_digits || !std::ranges::all_of(timestamp, is_digit)) {
        return false;
    }
    const std::chrono::year_month_day date{
        std::chrono::year{static_cast<int>(number_at(timestamp, 0, 4))},
        std::chrono::month{number_at(timestamp, 4, 2)},
        std::chrono::day{number_at(timestamp, 6, 2)}};
    const std::chrono::hours hour{number_at(timestamp, 8, 2)};
    if (!date.ok() || hour.count() > 23) return false;
    const auto claimed = std::chrono::sys_days{date} + hour;
    const auto current = std::chrono::floor<std::chrono::hours>(now);
    return std::chrono::abs(claimed - current) <= std::chrono::hours{1};
}

DeviceLogin::DeviceLogin(Context context) : context_(std::move(context)) {}

void DeviceLogin::authenticate(const Credentials& credentials, Turn& turn,
                               std::function<void(Verdict)> done) {
    if (!credentials.user_name) return done(judge_plain_client(credentials));
    const auto client_id = parse_device_client_id(credentials.client_id);
    if (!client_id) {
        return done({CloseReason::client_identifier_not_valid,
                     "a Client Identifier that comes with a user name must be "
                     "{device_id}_0_{0 or 1}_{YYYYMMDDHH}",
                     {}});
    }
    const std::string_view device_id = client_id->device_id;
    if (*credentials.user_name != device_id) {
        return done(refusal(CloseReason::bad_credentials, device_id,
                            "came with a user name that is not its id"));
    }
    Claim claim = claim_of(credentials, *client_id);
    CHECK(turn.executor != nullptr);  // who has a catalogue has a place for its answers
    store::Executor& executor = *turn.executor;
    if (const store::DevicePtr device = context_.catalogue.cached_device(device_id)) {
        return judge(claim, *device, executor, done);
    }
    std::string wanted = claim.device_id;
    context_.catalogue.find_device(
        std::move(wanted), executor,
        [this, claim = std::move(claim), done = std::move(done), &executor](
            std::error_code error, const store::DevicePtr& device) {
            if (!error) return judge(claim, *device, executor, done);
            if (error == store::CatalogueError::not_found) {
                return done(refusal(CloseReason::bad_credentials, claim.device_id, "is unknown"));
            }
            done(refusal(CloseReason::store_failed, claim.device_id,
                         "could not be looked up: " + error.message()));
        });
}

/// The catalogue's cache has a change before its author is answered.
void DeviceLogin::confirm(const session::Principal& device, Turn& turn,
                          std::function<void(bool)> done) {
    const auto holds = [number = device.device_number](const store::DevicePtr& found) {
        return found && found->number == number && !found->is_frozen;
    };
    if (const store::DevicePtr cached = context_.catalogue.cached_device(device.device_id)) {
        return done(holds(cached));
    }
    context_.catalogue.find_device(
        device.device_id, *turn.executor,
        [holds, done = std::move(done)](std::error_code, const store::DevicePtr& found) {
            done(holds(found));
        });
}

Verdict DeviceLogin::judge_plain_client(const Credentials& credentials) const {
    if (!context_.allow_anonymous) {
        return {CloseReason::not_authorized,
                "a client without a user name is no device, and anonymous clients are not allowed",
                {}};
    }
    if (credentials.client_id.starts_with(device_session_prefix)) {
        return {CloseReason::client_identifier_not_valid,
                "the Client Identifier is that of a device's session",
                {}};
    }
    return {};
}

DeviceLogin::Claim DeviceLogin::claim_of(const Credentials& credentials,
                                         const DeviceClientId& client_id) {
    Claim claim{.device_id = std::string{client_id.device_id},
                .timestamp = std::string{client_id.timestamp},
                .password = std::nullopt,
                .signature_type = client_id.signature_type,
                .is_secure = credentials.is_secure,
                .fingerprint = {},
                .fingerprint_sha1 = {}};
    if (credentials.password) claim.password = std::string{as_text(*credentials.password)};
    if (credentials.tls != nullptr) {
        claim.fingerprint = credentials.tls->fingerprint;
        claim.fingerprint_sha1 = credentials.tls->fingerprint_sha1;
    }
    return claim;
}

void DeviceLogin::judge(const Claim& claim, const store::Device& device, store::Executor& executor,
                        const Done& done) const {
    const bool is_by_certificate = device.auth_type == store::AuthType::certificates;
    const bool is_learning = is_by_certificate && device.fingerprint.empty() &&
                             !claim.fingerprint.empty() && !device.is_frozen &&
                             !has_fingerprint(claim, device.secondary_fingerprint);
    if (is_learning) return learn_certificate(claim, device, executor, done);
    Verdict verdict =
        is_by_certificate ? judge_certificate(claim, device) : judge_secret(claim, device);
    if (!verdict.refusal) verdict = admit(claim, device);
    if (!verdict.refusal && !device.activated_at) note_activation(device, executor);
    done(std::move(verdict));
}

Verdict DeviceLogin::judge_secret(const Claim& claim, const store::Device& device) const {
    if (!claim.password) {
        return refusal(CloseReason::bad_credentials, claim.device_id, "came without a password");
    }
    const auto proves = [&claim](const std::string& secret) {
        return !secret.empty() &&
               is_equal_in_constant_time(*claim.password, device_password(claim.timestamp, secret));
    };
    if (!proves(device.secret) && !proves(device.secondary_secret)) {
        return refusal(CloseReason::bad_credentials, claim.device_id, "came with a wrong password");
    }
    if (claim.signature_type == SignatureType::checked_time &&
        !is_about_now(claim.timestamp, context_.clock.wall_now())) {
        return refusal(CloseReason::bad_credentials, claim.device_id,
                       "named the hour " + claim.timestamp +
                           ", which is more than one away: its clock is wrong, or ours");
    }
    return {};
}

/// The lengths of SHA-1 and SHA-256 differ: each is compared with its own only.
bool DeviceLogin::has_fingerprint(const Claim& claim, const std::string& fingerprint) {
    return !fingerprint.empty() &&
           (fingerprint == claim.fingerprint || fingerprint == claim.fingerprint_sha1);
}

Verdict DeviceLogin::judge_certificate(const Claim& claim, const store::Device& device) const {
    if (claim.fingerprint.empty()) {
        return refusal(CloseReason::bad_credentials, claim.device_id,
                       "came without a certificate of a listener's client_authorities");
    }
    if (has_fingerprint(claim, device.fingerprint) ||
        has_fingerprint(claim, device.secondary_fingerprint)) {
        return {};
    }
    return refusal(CloseReason::bad_credentials, claim.device_id,
                   "came with another certificate, of the fingerprint " + claim.fingerprint);
}

/// The catalogue makes one change after the other, so of two connections at once one is the first. The device
/// waits for it: what was not kept was not learnt.
void DeviceLogin::learn_certificate(const Claim& claim, const store::Device& device,
                                    store::Executor& executor, const Done& done) const {
    const store::CatalogueTime now = context_.clock.wall_now();
    const auto learn = [number = device.number, fingerprint = claim.fingerprint,
                        now](store::Device& current) -> std::error_code {
        if (current.number != number) return store::CatalogueError::not_found;
        if (!current.fingerprint.empty() || current.is_frozen) {
            return store::CatalogueError::already_exists;
        }
        current.fingerprint = fingerprint;
        if (!current.activated_at) current.activated_at = now;
        return {};
    };
    context_.catalogue.change_device(
        device.device_id, learn, executor,
        [this, claim, done, &executor](std::error_code error, const store::DevicePtr& learnt) {
            if (!error) return done(admit(claim, *learnt));
            if (error == store::CatalogueError::not_found) {
                return done(refusal(CloseReason::bad_credentials, claim.device_id, "is unknown"));
            }
            if (error != store::CatalogueError::already_exists) {
                return done(refusal(CloseReason::store_failed, claim.device_id,
                                    "could not be changed: " + error.message()));
            }
            // Another one was first, perhaps with the same certificate.
            context_.catalogue.find_device(
                claim.device_id, executor,
                [this, claim, done](std::error_code failed, const store::DevicePtr& found) {
                    if (failed) {
                        return done(refusal(CloseReason::store_failed, claim.device_id,
                                            "could not be looked up: " + failed.message()));
                    }
                    Verdict verdict = judge_certificate(claim, *found);
                    if (!verdict.refusal) verdict = admit(claim, *found);
                    done(std::move(verdict));
                });
        });
}

/// It has proved itself; what else forbids it is told to it.
Verdict DeviceLogin::admit(const Claim& claim, const store::Device& device) const {
    if (device.is_frozen) {
        return refusal(CloseReason::not_authorized, claim.device_id, "is frozen");
    }
    if (device.is_secure_access && !claim.is_secure) {
        return refusal(CloseReason::not_authorized, claim.device_id,
                       "has secure_access and came without TLS");
    }
    Verdict verdict;
    verdict.principal.session_key = device_session_key(device.device_id);
    verdict.principal.device_id = device.device_id;
    verdict.principal.device_number = device.number;
    verdict.principal.feed = context_.feed({device.number, device.device_id});
    if (context_.rights) verdict.principal.rights = context_.rights(device);
    return verdict;
}

/// The device does not wait for it: if it fails, the next connection is the first.
void DeviceLogin::note_activation(const store::Device& device, store::Executor& executor) const {
    const store::CatalogueTime now = context_.clock.wall_now();
    const auto activate = [now](store::Device& current) -> std::error_code {
        if (current.activated_at) return store::CatalogueError::already_exists;
        current.activated_at = now;
        return {};
    };
    context_.catalogue.change_device(device.device_id, activate, executor,
                                     [](std::error_code, const store::DevicePtr&) {});
}

}  // namespace holdfast
