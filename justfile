# The former system's commands, for https://just.systems. Each is one npm script.

# Report every problem of an environment, and where its values come from
k8-check-env env *options:
    npm run -s check -- {{ env }} {{ options }}

# Write dist/<env>
k8-synth env *options:
    npm run -s synth -- {{ env }} {{ options }}

# Write dist/<env> and apply it to the current context, after a look at which one that is
k8-apply env:
    npm run -s synth -- {{ env }}
    npm run -s diff -- {{ env }} --live || [ $? -eq 1 ]
    kubectl apply --server-side --force-conflicts -k dist/{{ env }}
