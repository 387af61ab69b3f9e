#pragma once
// ScramClient: the client's side of one conversation of SCRAM-SHA-256, for tests of the server's. Link
// holdfast_access. Threads: none.

#include "access/base64.hpp"
#include "access/scram_verifier.hpp"
#include "access/sha256.hpp"
#include "base/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace test_support {

class ScramClient {
public:
    ScramClient(const std::string& name, std::string password, std::string header = "n,,",
                const std::string& nonce = "clients")
        : header_(std::move(header)),
          bare_("n=" + name + ",r=" + nonce),
          password_(std::move(password)) {}

    [[nodiscard]] std::string first() const { return header_ + bare_; }

    /// The answer to the server's first message, with `extensions` before the proof.
    [[nodiscard]] std::string final_message(const std::string& challenge,
                                            const std::string& extensions = "") {
        using namespace holdfast::access;
        const std::size_t salt_at = challenge.find(",s=") + 3;
        const std::size_t salt_end = challenge.find(",i=");
        const std::string salt =
            from_base64(challenge.substr(salt_at, salt_end - salt_at)).value_or("");
        ScramSalt salt_bytes{};
        std::copy_n(salt.begin(), std::min(salt.size(), salt_bytes.size()), salt_bytes.begin());
        const auto iterations =
            static_cast<std::uint32_t>(std::stoul(challenge.substr(salt_end + 3)));
        keys_ = ScramKeys::of_password(password_, salt_bytes, iterations);
        const std::string nonce = challenge.substr(0, salt_at - 3);
        const std::string without_proof =
            "c=" + to_base64(holdfast::as_bytes(header_)) + "," + nonce + extensions;
        auth_message_ = bare_ + "," + challenge + "," + without_proof;
        Sha256 proof = hmac_sha256(sha256_of(keys_.client_key), auth_message_);
        for (std::size_t at = 0; at < proof.size(); ++at) proof[at] ^= keys_.client_key[at];
        return without_proof + ",p=" + to_base64(proof);
    }
    /// What the server's final message must be.
    [[nodiscard]] std::string expected() const {
        using namespace holdfast::access;
        return "v=" + to_base64(hmac_sha256(keys_.server_key, auth_message_));
    }

private:
    const std::string header_;
    const std::string bare_;
    const std::string password_;
    holdfast::access::ScramKeys keys_;
    std::string auth_message_;
};

}  // namespace test_support
