#pragma once
// LoginService: somebody outside the server who is asked whether a client may connect. The interface is
// owned by AccessChain, which asks; HttpLogin is one. Threads: any shard.

#include "access/token_rules.hpp"
#include "base/time.hpp"
#include "session/authenticator.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast {

struct ServiceAnswer {
    enum class Result : std::uint8_t {
        allow,
        deny,
        ignore,       ///< it is somebody else's matter
        unavailable,  ///< there is no answer, or none that is understood
    };
    Result result = Result::unavailable;
    access::TokenRulesPtr rules{};  ///< of `allow`; null: those of the files
    Instant valid_until = never;    ///< of `allow`: then the connection ends
    std::string detail{};           ///< one sentence for the log; of all but `allow`
};

class LoginService {
public:
    virtual ~LoginService() = default;
    /// `listener` says where the client came in. `done` runs once: inside the call, or by `executor`.
    virtual void ask(const session::Credentials& credentials, std::string listener,
                     store::Executor& executor, std::function<void(ServiceAnswer)> done) = 0;
};

}  // namespace holdfast
