#include "api/request_refusals.hpp"

#include "base/error.hpp"

namespace holdfast::api {

namespace {

Response to_be_tried_again(Response response) {
    response.set(http::field::retry_after, "1");
    return response;
}

}  // namespace

Response request_refusal(ReplyKind kind) {
    using http::status;
    switch (kind) {
        case ReplyKind::offline:
            return error_response(status::forbidden, "IOTDA.014016",
                                  "Operation not allowed. The device is not online.");
        case ReplyKind::gone:
            return error_response(
                status::forbidden, "IOTDA.014016",
                "Operation not allowed. The device is not online: its connection ended before it "
                "answered, so it is unknown whether it has done what it was asked.");
        // Not 408: who gets that may ask again by itself, and the device would do it twice.
        case ReplyKind::too_late:
            return error_response(
                status::forbidden, "IOTDA.014111",
                "Command request timed out. Check whether the device returns a response within the "
                "specified time after receiving the request.");
        case ReplyKind::unreadable:
            return error_response(status::bad_gateway, "IOTDA.014170",
                                  "the device has answered, but not with a JSON object");
        case ReplyKind::blocked:
            return to_be_tried_again(error_response(
                status::service_unavailable, "IOTDA.014171",
                "the device is online and does not take what was sent to it before; nothing was "
                "sent"));
        case ReplyKind::too_large:
            return error_response(
                status::forbidden, "IOTDA.014172",
                "the request is larger than the device's Maximum Packet Size; nothing was sent");
        case ReplyKind::too_many:
            return to_be_tried_again(
                error_response(status::too_many_requests, "APIGW.0308",
                               "too many requests wait for this device, or for all of them"));
        case ReplyKind::stopping:
            return to_be_tried_again(
                error_response(status::service_unavailable,
                               "the server is shutting down; perhaps the device has the request"));
        case ReplyKind::answered: break;
    }
    UNREACHABLE();
}

}  // namespace holdfast::api
