#include "api/request_refusals.hpp"

#include "base/error.hpp"

namespace holdfast::api {

namespace {

using http::status;

Response to_be_tried_again(Response response) {
    response.set(http::field::retry_after, "1");
    return response;
}

}  // namespace

RequestFailure failure_of(ReplyKind kind) {
    switch (kind) {
        case ReplyKind::offline:
            return {"IOTDA.014016", "Operation not allowed. The device is not online."};
        case ReplyKind::gone:
            return {"IOTDA.014016",
                    "Operation not allowed. The device is not online: its connection ended before "
                    "it answered, so it is unknown whether it has done what it was asked."};
        case ReplyKind::too_late:
            return {"IOTDA.014111",
                    "Command request timed out. Check whether the device returns a response within "
                    "the specified time after receiving the request."};
        case ReplyKind::unreadable:
            return {"IOTDA.014170", "the device has answered, but not with a JSON object"};
        case ReplyKind::blocked:
            return {"IOTDA.014171",
                    "the device is online and does not take what was sent to it before; nothing "
                    "was sent"};
        case ReplyKind::too_large:
            return {"IOTDA.014172",
                    "the request is larger than the device's Maximum Packet Size; nothing was "
                    "sent"};
        case ReplyKind::too_many:
            return {"APIGW.0308", "too many requests wait for this device, or for all of them"};
        case ReplyKind::stopping:
            return {"HOLDFAST.000503",
                    "the server is shutting down; perhaps the device has the request"};
        case ReplyKind::answered: break;
    }
    UNREACHABLE();
}

Response request_refusal(ReplyKind kind) {
    const auto answer = [failure = failure_of(kind)](status code) {
        return error_response(code, failure.code, failure.message);
    };
    switch (kind) {
        case ReplyKind::offline:
        case ReplyKind::gone:
        // Not 408: who gets that may ask again by itself, and the device would do it twice.
        case ReplyKind::too_late:
        case ReplyKind::too_large: return answer(status::forbidden);
        case ReplyKind::unreadable: return answer(status::bad_gateway);
        case ReplyKind::too_many: return to_be_tried_again(answer(status::too_many_requests));
        case ReplyKind::blocked:
        case ReplyKind::stopping: return to_be_tried_again(answer(status::service_unavailable));
        case ReplyKind::answered: break;
    }
    UNREACHABLE();
}

}  // namespace holdfast::api
