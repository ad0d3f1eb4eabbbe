/// The OpenAPI document that goes out at `/openapi.yaml`: the file beside this one, built into the program.
package enum OpenAPIDocument {
    package static let bytes: [UInt8] = PackageResources.openapi_yaml
}
