# The former system's commands, for https://just.systems. Each is one npm script, or two.

# Report every problem of an environment, and where its values come from
k8-check-env env *options:
    npm run -s check -- {{ env }} {{ options }}

# Write dist/<env>
k8-synth env *options:
    npm run -s synth -- {{ env }} {{ options }}

# Write dist/<env>, and apply it to the cluster after a look at the plan
k8-apply env *options:
    npm run -s synth -- {{ env }}
    npm run -s apply -- {{ env }} {{ options }}
