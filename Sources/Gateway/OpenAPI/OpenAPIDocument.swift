import COpenAPI

/// The OpenAPI document that goes out at `/openapi.yaml`: the file beside this one, built into the program.
package enum OpenAPIDocument {
    package static let bytes = Array(
        UnsafeBufferPointer(start: hearth_openapi_bytes(), count: Int(hearth_openapi_count())))
}
