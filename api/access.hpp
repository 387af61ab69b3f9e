#pragma once
// Access: who makes a request, and whether they may do what its route is for. An interface, so that what
// answers requests need not know how tokens, keys and signatures are made.
// Threads: the HTTP side's.

#include "api/action.hpp"
#include "api/app_key.hpp"
#include "api/exchange.hpp"

#include <boost/system/result.hpp>

namespace holdfast::api {

class Access {
public:
    virtual ~Access() = default;
    /// Whose request it is. Else the answer: 401 without or with bad credentials, 403 for another project
    /// than theirs, or without the permission.
    [[nodiscard]] virtual boost::system::result<Caller, Response> judge(const Exchange& exchange,
                                                                        Action action) const = 0;
};

}  // namespace holdfast::api
