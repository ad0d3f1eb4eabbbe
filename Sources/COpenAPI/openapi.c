#include "openapi.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char document[] = {
#embed "../Gateway/OpenAPI/openapi.yaml"
};

const unsigned char *hearth_openapi_bytes(void) { return document; }

unsigned long hearth_openapi_count(void) { return sizeof document; }
