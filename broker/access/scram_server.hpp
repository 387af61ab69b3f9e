#pragma once
// ScramServer: one conversation of SCRAM-SHA-256 from its server's side (RFC 5802, RFC 7677), text in and
// text out: reads the client's two messages, writes the server's two. Who the users are is for the caller.
//
//   client   n,,n=user,r=NONCE                        on_client_first()
//   server   r=NONCE+OURS,s=SALT,i=15000              challenge()
//   client   c=biws,r=NONCE+OURS,p=PROOF              on_client_final()
//   server   v=SIGNATURE
//
// Without channel binding: a client that asks for it (`p=`) is refused, one that could but thinks we cannot
// (`y`) is right. An authorization identity must be the user itself. A mandatory extension (`m=`) is refused,
// other extensions are passed over. Names are compared as they are, without SASLprep.
// Limits: scram_message_bytes_max. Errors: what is wrong, for the log and never for the peer. Threads: none.

#include "access/scram_verifier.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast::access {

inline constexpr std::string_view scram_method = "SCRAM-SHA-256";
inline constexpr std::size_t scram_message_bytes_max = 4'096;

struct ScramFault {
    std::string_view detail;      ///< a literal
    bool is_wrong_proof = false;  ///< the message is as it should be: somebody guessed
};

template <class T>
using ScramResult = boost::system::result<T, ScramFault>;

class ScramServer {
public:
    /// The client's first message. Once, before everything else.
    [[nodiscard]] ScramResult<void> on_client_first(std::string_view message);
    /// Who it says it is; empty: it has not been said.
    [[nodiscard]] const std::string& user_name() const { return user_name_; }
    /// The server's first message. `nonce`: unpredictable, printable ASCII without commas, never used before.
    [[nodiscard]] std::string challenge(const ScramVerifier& verifier, std::string_view nonce);
    /// The client's final message; gives the server's, if the password was right.
    [[nodiscard]] ScramResult<std::string> on_client_final(std::string_view message) const;

private:
    [[nodiscard]] ScramResult<void> read_gs2_header(std::string_view message);
    [[nodiscard]] bool is_proof(std::string_view proof, std::string_view auth_message) const;

    std::string gs2_header_;
    std::string authorization_name_;  ///< empty: none was given
    std::string user_name_;
    std::string client_first_bare_;
    std::string nonce_;  ///< the client's, then both
    std::string challenge_;
    ScramVerifier verifier_;
};

}  // namespace holdfast::access
