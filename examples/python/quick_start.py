import backspike as bs

train, validation, test = bs.datasets.fashion_mnist(steps=16, tau=8.0, threshold=0.1)
net = bs.Network([bs.Dense(784, 512), bs.CubaLIF(512, tau_m=10.0, tau_syn=5.0, surrogate=bs.Surrogate(width=0.5)),
                  bs.Dense(512, 10), bs.LeakyIntegrator(10, tau_m=50.0)])
net.fit(train, validation=validation, epochs=6, learning_rate=5e-3, optimiser=bs.Optimiser(schedule="one_cycle"))
print(f"test accuracy {net.evaluate(test).accuracy:.3f}")
net.save("fashion_mnist.checkpoint")
